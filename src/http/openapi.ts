import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Shape of a 200 answer that the route sends as bytes: shown in the OpenAPI document, not used to serialise. */
    openApiAnswer?: z.ZodType
    /** Shapes of a body that the route reads itself, by media type: shown in the OpenAPI document, not used to check. */
    openApiBody?: Readonly<Record<string, z.ZodType>>
  }
}

/** Tags are the product's nouns; a route names one. */
const TAGS = [
  { name: 'agents', description: 'Find agents, see their price and shape, run them.' },
  { name: 'runs', description: 'What was run, what came of it and what it cost.' },
  { name: 'credits', description: 'Balance and statement.' },
  { name: 'keys', description: 'API keys of an account.' },
  { name: 'people', description: 'Register, sign in, prove it twice; sessions and client tokens.' },
  { name: 'accounts', description: 'Accounts, their members and invitations, and what was done in them.' },
  { name: 'operations', description: 'Is it up, and how is it doing?' },
]

/** What somebody reads first who comes to the reference from the site. */
const INTRODUCTION = `Run agents for credits, each in a sandbox of its own.

**First call.** Make a key under [Developers](/developers), take the agent's address from its page, and send its input as
the body; the page's tab *API* writes the whole call with what stands in the form.

\`\`\`sh
curl -s "$BUREAU_API_URL/api/agents/AGENT_ID/run" -H "Authorization: Bearer $BUREAU_API_KEY" -H 'Content-Type: application/json' -d '{"hello":"world"}'
\`\`\`

**Publish an agent.** With a key that has the scopes \`agents.read\` and \`agents.write\`, from the folder of Bureau itself:
\`npx bureau agent publish ./my-agent\`. The [catalogue](/agents) shows a form for it at once.

**Errors** are RFC 9457 problem details with a stable \`code\` and what to do about it: [all codes](/docs/errors).`

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable; the list is at /docs/errors'),
  fix: z.string().describe('What to do about it'),
  retry: z.enum(['never', 'later', 'now']),
  requestId: z.string(),
})

/** OpenAPI 3.1 of every route that has a schema, at `/api/openapi.json`. */
export async function installOpenApi(
  app: FastifyInstance,
  options: { readonly url: string | undefined },
): Promise<void> {
  const transform = createJsonSchemaTransform({})
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bureau',
        version: '0.1.0',
        description: INTRODUCTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: options.url ?? '/' }],
      tags: TAGS,
      components: {
        securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `bur_…`' } },
      },
    },
    transform: (document) => {
      const { schema, url } = transform(document)
      const config = document.route.config ?? {}
      const isOpen = Reflect.get(config, 'permission') === 'anyone'
      if (config.openApiAnswer !== undefined && schema !== undefined) {
        const answer = z.toJSONSchema(config.openApiAnswer, { io: 'output', unrepresentable: 'any' })
        schema.response = {
          200: { description: 'Done', content: { 'application/json': { schema: answer } } },
          ...Object(schema.response),
        }
      }
      if (config.openApiBody !== undefined && schema !== undefined) {
        const content = Object.entries(config.openApiBody).map(([type, shape]) => [
          type,
          { schema: z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) },
        ])
        schema.body = { content: Object.fromEntries(content) }
      }
      return {
        url,
        schema: isDocumented(schema) ? describeOperation(schema, document.route.method, url, isOpen) : { hide: true },
      }
    },
  })
  let text: string | undefined
  app.get('/api/openapi.json', { schema: { hide: true }, config: { permission: 'anyone' } }, (_req, reply) => {
    text ??= JSON.stringify(app.swagger())
    return reply.header('content-type', 'application/json; charset=utf-8').send(text)
  })
}

/** A route without a tag is not part of the API (pages, assets). */
const isDocumented = (schema: FastifySchema | undefined): schema is FastifySchema =>
  schema !== undefined && !('hide' in schema && schema.hide === true) && 'tags' in schema

function describeOperation(schema: FastifySchema, method: unknown, url: string, isOpen: boolean): FastifySchema {
  const given = typeof schema.response === 'object' && schema.response !== null ? schema.response : {}
  const name = `${String(method).toLowerCase()}${url.replace(/^\/api/, '')}`
  return Object.assign(
    { operationId: name.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_all, letter: string) => letter.toUpperCase()) },
    schema,
    { security: isOpen ? [] : [{ apiKey: [] }] },
    {
      response: {
        ...given,
        '4XX': {
          description: 'A problem, with a code and what to do',
          content: { 'application/problem+json': { schema: z.toJSONSchema(problem) } },
        },
      },
    },
  )
}
