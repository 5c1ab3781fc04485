import { defineAgent, type AgentContext } from 'bureau'
import { z } from 'zod'
import { readEvents } from './read-events.ts'

/** Hosts whose endpoints speak the protocol. The last is a model server on the machine that runs the site, which its
 * operator has to allow (BUREAU_EGRESS_PRIVATE_HOSTS). */
const HOSTS = ['api.openai.com', 'openrouter.ai', 'api.mistral.ai', 'api.groq.com', 'localhost:11434']

const piece = z.object({
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).optional(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.object({ message: z.string() }).optional(),
})

const fault = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })

/** Answers a question with the model of whoever runs it. */
export default defineAgent({
  name: 'Assistant',
  description:
    'Answers by a language model of your choice: any endpoint that speaks the chat completions of OpenAI, with your own key, which the agent never sees. A model server on the same machine works too.',
  input: z.object({
    prompt: z.string().min(1).max(100_000),
    instructions: z.string().max(20_000).default('You are a helpful assistant. Answer briefly and precisely.'),
    model: z.string().min(1).max(200).default('gpt-4o-mini'),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .default('https://api.openai.com/v1')
      .describe('Up to and without /chat/completions'),
    temperature: z.number().min(0).max(2).optional(),
    maxTokens: z.number().int().min(1).max(100_000).optional(),
  }),
  output: z.object({
    isConfigured: z.boolean().describe('Is there a key for the endpoint?'),
    answer: z.string(),
    model: z.string().nullable(),
    finishReason: z.string().nullable().describe('"length" means that the answer was cut'),
    tokens: z.object({ prompt: z.number(), completion: z.number() }).nullable(),
  }),
  limits: { timeoutMs: 180_000, memoryMb: 128 },
  egress: HOSTS,
  secrets: [{ name: 'API_KEY', description: 'Key of the endpoint, as its provider gave it to you', hosts: HOSTS }],
  examples: [{ name: 'Before a key is set', input: { prompt: 'What is the tallest mountain of Europe?' } }],
  async run(input, ctx) {
    const key = ctx.secret('API_KEY')
    const endpoint = new URL(input.endpoint)
    // A model server of one's own asks for no key.
    const isOwn = endpoint.hostname === 'localhost'
    if (key === null && !isOwn)
      return {
        isConfigured: false,
        answer: `No model was asked: no key is set for ${endpoint.host}. Set the secret API_KEY of this agent, or name an endpoint on this machine (http://localhost:11434/v1).`,
        model: null,
        finishReason: null,
        tokens: null,
      }
    const response = await ctx.fetch(`${input.endpoint.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      signal: ctx.signal,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({
        model: input.model,
        messages: [
          { role: 'system', content: input.instructions },
          { role: 'user', content: input.prompt },
        ],
        stream: true,
        stream_options: { include_usage: true },
        ...(input.temperature === undefined ? {} : { temperature: input.temperature }),
        ...(input.maxTokens === undefined ? {} : { max_tokens: input.maxTokens }),
      }),
    })
    if (!response.ok || response.body === null)
      throw new Error(`${endpoint.host} answered ${response.status}: ${await reasonOf(response)}`)
    return { isConfigured: true, ...(await collect(response.body, ctx)) }
  },
})

type Answer = {
  answer: string
  model: string | null
  finishReason: string | null
  tokens: { prompt: number; completion: number } | null
}

/** Puts the answer together as it arrives. */
async function collect(body: AsyncIterable<Uint8Array>, ctx: AgentContext): Promise<Answer> {
  const answer: Answer = { answer: '', model: null, finishReason: null, tokens: null }
  for await (const data of readEvents(body)) {
    if (data === '[DONE]') break
    const said = piece.parse(JSON.parse(data))
    if (said.error !== undefined) throw new Error(`The model failed: ${said.error.message}`)
    const [choice] = said.choices
    const text = choice?.delta?.content ?? ''
    answer.answer += text
    if (text !== '') ctx.emit({ text })
    answer.model ??= said.model ?? null
    answer.finishReason = choice?.finish_reason ?? answer.finishReason
    if (said.usage) answer.tokens = { prompt: said.usage.prompt_tokens, completion: said.usage.completion_tokens }
    ctx.progress(0.5, `${answer.answer.length} characters`)
  }
  if (answer.finishReason === null && answer.answer === '') throw new Error('The model answered nothing')
  return answer
}

async function reasonOf(response: Response): Promise<string> {
  const text = (await response.text()).slice(0, 2_000)
  try {
    const { error } = fault.parse(JSON.parse(text))
    return typeof error === 'string' ? error : error.message
  } catch {
    return text.replaceAll(/\s+/g, ' ').slice(0, 300)
  }
}
