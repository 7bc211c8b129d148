/** The site: guides and recipes of this folder, and the reference that TypeDoc writes to `reference/` before the build. */
import { defineConfig, type MarkdownEnv, type MarkdownRenderer } from 'vitepress'

const items = (folder: string, pages: Readonly<Record<string, string>>) =>
  Object.entries(pages).map(([text, page]) => ({ text, link: `${folder}${page}` }))

/** The index of the search needs the words of the code, and their colours cost as much as all other rendering. */
function withoutColours(source: string, env: MarkdownEnv, markdown: MarkdownRenderer): string {
  const { highlight } = markdown.options
  markdown.set({ highlight: null })
  try {
    return markdown.render(source, env)
  } finally {
    markdown.set({ highlight })
  }
}

export default defineConfig({
  title: 'Partita',
  description: 'A TypeScript data layer for single-table stores',
  outDir: '../.cache/site',
  cacheDir: '../.cache/vitepress',
  cleanUrls: true,
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  // Pages outside this folder are read in the repository.
  ignoreDeadLinks: [/ARCHITECTURE/, /CONTRIBUTING/],
  themeConfig: {
    search: { provider: 'local', options: { _render: withoutColours } },
    nav: items('/', { Start: 'guide/start', Recipes: 'recipes/', Reference: 'reference/' }),
    sidebar: {
      '/reference/': [{ text: 'Reference', link: '/reference/' }],
      '/': [
        {
          text: 'Guide',
          items: items('/', {
            Start: 'guide/start',
            Modelling: 'guide/modelling',
            'Models in YAML': 'guide/yaml',
            Writing: 'guide/writing',
            Querying: 'guide/querying',
            Transactions: 'guide/transactions',
            'Models that change': 'evolution',
            Rules: 'guide/rules',
            'Queries over references': 'guide/crql',
            Files: 'guide/assets',
            Tenancy: 'guide/tenancy',
            'Several databases': 'guide/databases',
            'Errors over HTTP': 'guide/errors',
            Testing: 'guide/testing',
            Recipes: 'recipes/',
          }),
        },
        {
          text: 'Other entries',
          items: items('/', {
            'Active records': 'guide/active-record',
            'Tables without models': 'guide/table',
            Items: 'guide/items',
            Mongoose: 'guide/mongoose',
            "DynamoDB's protocol": 'wire',
            'The command': 'command',
            'Data in the terminal': 'guide/command-data',
            'Reference of the command': 'command-reference',
          }),
        },
        {
          text: 'Operating',
          items: items('/', {
            Stores: 'stores',
            MongoDB: 'guide/mongodb',
            'Backup and disks': 'backup',
            'Import and export': 'guide/transfer',
            'Errors of the network': 'network',
            Runtimes: 'runtimes',
            Benchmarks: 'benchmarks',
          }),
        },
        {
          text: 'Background',
          items: items('/', {
            'Moving from other libraries': 'guide/moving',
            Glossary: 'glossary',
            Decisions: 'decisions/',
          }),
        },
      ],
    },
  },
})
