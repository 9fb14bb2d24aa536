// Reads one JSON object {rule, record, conditions} per line and answers one line each:
// true, false, or error with its message.
import { createInterface } from 'node:readline'
import { Engine } from 'json-rules-engine'

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })
let out = []
for await (const line of lines) {
  out.push(await judge(JSON.parse(line)))
  if (out.length >= 1000) {
    process.stdout.write(out.join('\n') + '\n')
    out = []
  }
}
if (out.length) process.stdout.write(out.join('\n') + '\n')

async function judge ({ rule, record, conditions = {} }) {
  try {
    const engine = new Engine([], { allowUndefinedFacts: true })
    for (const [name, condition] of Object.entries(conditions)) engine.setCondition(name, condition)
    engine.addRule({ conditions: rule, event: { type: 'ok' } })
    const { events } = await engine.run(record)
    return String(events.length > 0)
  } catch (err) {
    return 'error ' + String(err.message).split('\n')[0]
  }
}
