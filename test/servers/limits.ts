/** What each server of the suites lacks or gets wrong, against AWS; the suites read it here and nowhere else. */

export type ServerName = 'dynamodb-local' | 'dynoxide' | 'custom'
