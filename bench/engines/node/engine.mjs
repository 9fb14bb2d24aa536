// Runs json-rules-engine for the benchmark: one request a line on standard input,
// one answer a line on standard output.
//
//   {"do":"load","now":ms,"rules":[rule...],"records":[text...]}   -> {"version","variants":[name...]}
//   {"do":"verdicts","variant":name}                               -> {"verdicts":["0110..."...]}, one text a record
//   {"do":"speed","variant":name,"seconds":s,"decoded":bool}       -> {"speed":records a second}
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'
import { Engine } from 'json-rules-engine'
import { predicates } from './operators.mjs'

const stride = 50
const { version } = createRequire(import.meta.url)('json-rules-engine/package.json')
const state = { records: [], tests: 0, variants: {} }

// prepared gives a rule its predicates: the value of an operator that the engine
// lacks becomes a function, made once, so that nothing is compiled per record and
// the engine's copying of conditions does not copy it.
function prepared (condition, makers) {
  if (Array.isArray(condition)) return condition.map(c => prepared(c, makers))
  const out = { ...condition }
  for (const key of ['all', 'any', 'not']) {
    if (key in out) out[key] = prepared(out[key], makers)
  }
  if (makers[out.operator]) out.value = makers[out.operator](out.value)
  return out
}

// keysOf resolves the plain paths of these rules, $.a.b, faster than the JSONPath
// library that the engine uses of itself.
const keysOf = new Map()
function plainPath (value, path) {
  let keys = keysOf.get(path)
  if (!keys) keysOf.set(path, keys = path.split('.').slice(1))
  for (const key of keys) {
    if (value === null || typeof value !== 'object') return undefined
    value = value[key]
  }
  return value
}

function engineOf (rules, makers, options) {
  const engine = new Engine([], { allowUndefinedFacts: true, ...options })
  for (const name of Object.keys(makers)) engine.addOperator(name, (fact, holds) => holds(fact))
  for (const { number, rule } of rules) {
    engine.addRule({ conditions: prepared(rule, makers), event: { type: 'holds', params: { number } } })
  }
  return engine
}

function load ({ now, rules, records }) {
  const makers = predicates(now)
  const numbered = rules.map((rule, number) => ({ number, rule }))
  const variants = {}
  for (const [paths, options] of [['its own paths', {}], ['plain paths', { pathResolver: plainPath }]]) {
    const one = engineOf(numbered, makers, options)
    variants[`one engine, ${paths}`] = async (record, row) => {
      row.fill(0)
      const { events } = await one.run(record)
      for (const event of events) row[event.params.number] = 1
    }
    const many = numbered.map(rule => engineOf([rule], makers, options))
    variants[`an engine per test, ${paths}`] = async (record, row) => {
      for (let i = 0; i < many.length; i++) row[i] = (await many[i].run(record)).events.length
    }
  }
  Object.assign(state, { records, tests: rules.length, variants })
  return { version: `${version} on Node ${process.versions.node}`, variants: Object.keys(variants) }
}

async function verdicts ({ variant }) {
  const row = new Uint8Array(state.tests)
  const rows = []
  for (const text of state.records) {
    await state.variants[variant](JSON.parse(text), row)
    rows.push(row.join(''))
  }
  return { verdicts: rows }
}

async function speed ({ variant, seconds, decoded }) {
  const { records, variants } = state
  const judge = variants[variant]
  const row = new Uint8Array(state.tests)
  const ready = decoded ? records.map(text => JSON.parse(text)) : null
  let runs = 0
  let next = 0
  const begin = performance.now()
  const used = process.cpuUsage()
  for (;;) {
    for (let i = 0; i < stride; i++) {
      await judge(decoded ? ready[next] : JSON.parse(records[next]), row)
      if (++next === records.length) next = 0
    }
    runs += stride
    const gone = (performance.now() - begin) / 1000
    if (gone >= seconds) {
      // By the processor where that is less, so that a shared core does not count as an own one.
      const { user, system } = process.cpuUsage(used)
      return { speed: runs / Math.min(gone, (user + system) / 1e6) }
    }
  }
}

const actions = { load, verdicts, speed }
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const request = JSON.parse(line)
  let answer
  try {
    answer = await actions[request.do](request)
  } catch (err) {
    answer = { error: String(err.stack) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
