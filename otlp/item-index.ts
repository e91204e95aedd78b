const START = 256

/**
 * Where everything is in one request, as offsets into its bytes. Column by column in typed arrays, so that no object is
 * made per span; one index serves batch after batch, because a batch is processed to its end before the next one starts.
 *
 * -1 in an offset column means absent. Ranges are half open: hits of item i are `itemHit[i] .. itemHit[i + 1]`… written
 * as two columns (`itemHitFrom`, `itemHitTo`) because items, scopes and resources share the hit columns.
 */
export class ItemIndex {
  items = 0
  scopes = 0
  resources = 0
  hits = 0

  /** Offset of the length of the item's field, of its body, and behind its body. */
  itemLen = new Int32Array(START)
  itemBody = new Int32Array(START)
  itemEnd = new Int32Array(START)
  itemScope = new Int32Array(START)
  itemTrace = new Int32Array(START)
  itemSpan = new Int32Array(START)
  itemParent = new Int32Array(START)
  /** Span name; of a log record its event name. */
  itemName = new Int32Array(START)
  itemNameLen = new Int32Array(START)
  /** Offset of the fixed64: span start, log time. */
  itemStart = new Int32Array(START)
  /** Offset of the fixed64: span end, log observed time. */
  itemFinish = new Int32Array(START)
  /** Span kind; of a log record its severity number. */
  itemKind = new Uint8Array(START)
  /** Span status code: 0 unset, 1 ok, 2 error. */
  itemStatus = new Uint8Array(START)
  /** 1 when the item already carries attributes of our own namespace. */
  itemOwn = new Uint8Array(START)
  itemHitFrom = new Int32Array(START)
  itemHitTo = new Int32Array(START)

  scopeLen = new Int32Array(START)
  scopeBody = new Int32Array(START)
  scopeEnd = new Int32Array(START)
  scopeResource = new Int32Array(START)
  scopeName = new Int32Array(START)
  scopeNameLen = new Int32Array(START)
  scopeVersion = new Int32Array(START)
  scopeVersionLen = new Int32Array(START)
  /** Where the InstrumentationScope is; empty when there is none. */
  scopeInfo = new Int32Array(START)
  scopeInfoEnd = new Int32Array(START)
  scopeHitFrom = new Int32Array(START)
  scopeHitTo = new Int32Array(START)
  scopeItemFrom = new Int32Array(START)
  scopeItemTo = new Int32Array(START)

  resourceLen = new Int32Array(START)
  resourceBody = new Int32Array(START)
  resourceEnd = new Int32Array(START)
  /** Where the Resource is; empty when there is none. */
  resourceInfo = new Int32Array(START)
  resourceInfoEnd = new Int32Array(START)
  resourceHitFrom = new Int32Array(START)
  resourceHitTo = new Int32Array(START)
  resourceScopeFrom = new Int32Array(START)
  resourceScopeTo = new Int32Array(START)

  /** Number of the wanted key (KeyTable). */
  hitKey = new Int16Array(START)
  /** Field number of the AnyValue that is set (1 string, 2 bool, 3 int, 4 double, 5 array, 6 kvlist, 7 bytes), 0 = none. */
  hitType = new Uint8Array(START)
  /** Content of a string, bytes, array or kvlist; the varint of an int. */
  hitAt = new Int32Array(START)
  hitLen = new Int32Array(START)
  /** Value of an int, double or bool, and of nothing else; ints past 2^53 have lost their low bits. */
  hitNum = new Float64Array(START)
  /** Where the whole attribute field begins (its tag); see `attributeAt` for its key and its end. */
  hitFrom = new Int32Array(START)

  reset(): void {
    this.items = 0
    this.scopes = 0
    this.resources = 0
    this.hits = 0
  }

  growItems(): void {
    this.itemLen = longer(this.itemLen)
    this.itemBody = longer(this.itemBody)
    this.itemEnd = longer(this.itemEnd)
    this.itemScope = longer(this.itemScope)
    this.itemTrace = longer(this.itemTrace)
    this.itemSpan = longer(this.itemSpan)
    this.itemParent = longer(this.itemParent)
    this.itemName = longer(this.itemName)
    this.itemNameLen = longer(this.itemNameLen)
    this.itemStart = longer(this.itemStart)
    this.itemFinish = longer(this.itemFinish)
    this.itemKind = longer(this.itemKind)
    this.itemStatus = longer(this.itemStatus)
    this.itemOwn = longer(this.itemOwn)
    this.itemHitFrom = longer(this.itemHitFrom)
    this.itemHitTo = longer(this.itemHitTo)
  }

  growScopes(): void {
    this.scopeLen = longer(this.scopeLen)
    this.scopeBody = longer(this.scopeBody)
    this.scopeEnd = longer(this.scopeEnd)
    this.scopeResource = longer(this.scopeResource)
    this.scopeName = longer(this.scopeName)
    this.scopeNameLen = longer(this.scopeNameLen)
    this.scopeVersion = longer(this.scopeVersion)
    this.scopeVersionLen = longer(this.scopeVersionLen)
    this.scopeInfo = longer(this.scopeInfo)
    this.scopeInfoEnd = longer(this.scopeInfoEnd)
    this.scopeHitFrom = longer(this.scopeHitFrom)
    this.scopeHitTo = longer(this.scopeHitTo)
    this.scopeItemFrom = longer(this.scopeItemFrom)
    this.scopeItemTo = longer(this.scopeItemTo)
  }

  growResources(): void {
    this.resourceLen = longer(this.resourceLen)
    this.resourceBody = longer(this.resourceBody)
    this.resourceEnd = longer(this.resourceEnd)
    this.resourceInfo = longer(this.resourceInfo)
    this.resourceInfoEnd = longer(this.resourceInfoEnd)
    this.resourceHitFrom = longer(this.resourceHitFrom)
    this.resourceHitTo = longer(this.resourceHitTo)
    this.resourceScopeFrom = longer(this.resourceScopeFrom)
    this.resourceScopeTo = longer(this.resourceScopeTo)
  }

  growHits(): void {
    this.hitKey = longer(this.hitKey)
    this.hitType = longer(this.hitType)
    this.hitAt = longer(this.hitAt)
    this.hitLen = longer(this.hitLen)
    this.hitNum = longer(this.hitNum)
    this.hitFrom = longer(this.hitFrom)
  }
}

function longer<T extends Int32Array | Int16Array | Uint8Array | Float64Array>(column: T): T {
  const Column = column.constructor as new (length: number) => T
  const grown = new Column(column.length * 2)
  grown.set(column)
  return grown
}
