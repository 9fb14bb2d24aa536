// The operators that the rules of the benchmark use and json-rules-engine lacks.
// Each maker takes the value of a condition and gives the predicate on the fact.

const day = 24 * 60 * 60 * 1000

function isEmpty (v) {
  if (v === undefined || v === null || v === '') return true
  return typeof v === 'object' && Object.keys(v).length === 0
}

const date = v => typeof v === 'string' ? Date.parse(v) : NaN

function valueAt (element, { fact, path }) {
  let value = element?.[fact]
  if (path) for (const key of path.split('.').slice(1)) value = value?.[key]
  return value
}

const base = {
  equal: value => fact => fact === value,
  notEqual: value => fact => fact !== value,
  in: value => fact => value.includes(fact)
}

export function predicates (now) {
  const makers = {
    exists: value => fact => (fact !== undefined) === value,
    isEmpty: value => fact => isEmpty(fact) === value,
    startsWith: value => fact => typeof fact === 'string' && fact.startsWith(value),
    endsWith: value => fact => typeof fact === 'string' && fact.endsWith(value),
    matches: value => {
      const pattern = new RegExp(value)
      return fact => typeof fact === 'string' && pattern.test(fact)
    },
    after: value => {
      const limit = Date.parse(value)
      return fact => date(fact) > limit
    },
    withinLastDays: value => {
      const first = now - value * day
      return fact => {
        const t = date(fact)
        return t >= first && t <= now
      }
    },
    all: value => {
      const holds = over(value)
      return fact => Array.isArray(fact) && fact.every(holds)
    },
    any: value => {
      const holds = over(value)
      return fact => Array.isArray(fact) && fact.some(holds)
    },
    none: value => {
      const holds = over(value)
      return fact => Array.isArray(fact) && !fact.some(holds)
    }
  }

  // over is a condition on an element of an array as one function.
  function over (condition) {
    if (condition.all) {
      const parts = condition.all.map(over)
      return element => parts.every(part => part(element))
    }
    if (condition.any) {
      const parts = condition.any.map(over)
      return element => parts.some(part => part(element))
    }
    const holds = (makers[condition.operator] ?? base[condition.operator])(condition.value)
    return element => holds(valueAt(element, condition))
  }

  return makers
}
