import { z } from 'zod'
import { option } from '../platform/config.ts'

export const deploymentsOptions = {
  registry: option(
    'BUREAU_NPM_REGISTRY',
    z
      .union([z.literal('none').transform(() => null), z.url({ protocol: /^https?$/ })])
      .default('https://registry.npmjs.org/')
      .transform((text) => (text === null ? null : new URL(text.endsWith('/') ? text : `${text}/`))),
    {
      why: "Where the npm packages of agents come from when they are deployed: tarballs pinned by the agent's package-lock.json, nothing of them executed. `none` takes no packages in.",
    },
  ),
  pythonIndex: option(
    'BUREAU_PYTHON_INDEX',
    z
      .union([z.literal('none').transform(() => null), z.url({ protocol: /^https?$/ })])
      .default('none')
      .transform((text) => (text === null || text === 'none' ? null : new URL(text.endsWith('/') ? text : `${text}/`))),
    {
      why: 'Where the Python packages of agents come from when they are deployed, such as https://pypi.org/simple/: wheels in pure Python pinned by requirements.txt, nothing of them executed. `none` takes no packages in.',
    },
  ),
}
