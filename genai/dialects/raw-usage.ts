/** Usage as an instrumentation wrote it: overlapping totals, -1 where it says nothing. Reused from item to item. */
export class RawUsage {
  input = -1
  output = -1
  /** Only ever a check. */
  total = -1
  cacheRead = -1
  cacheWrite = -1
  cacheWrite5m = -1
  cacheWrite1h = -1
  reasoning = -1
  inputAudio = -1
  outputAudio = -1
  inputImage = -1
  outputImage = -1
  cacheReadAudio = -1
  cacheReadImage = -1
  extraInput = -1
  extraOutput = -1
  webSearches = -1
  /** Prompt tokens of tool use that stand beside `input` (Gemini). */
  toolInput = -1
  /** What only a raw blob said of the circumstances; '' = nothing. */
  serviceTier = ''
  speed = ''
  inferenceGeo = ''

  clear(): void {
    this.input = -1
    this.output = -1
    this.total = -1
    this.cacheRead = -1
    this.cacheWrite = -1
    this.cacheWrite5m = -1
    this.cacheWrite1h = -1
    this.reasoning = -1
    this.inputAudio = -1
    this.outputAudio = -1
    this.inputImage = -1
    this.outputImage = -1
    this.cacheReadAudio = -1
    this.cacheReadImage = -1
    this.extraInput = -1
    this.extraOutput = -1
    this.webSearches = -1
    this.toolInput = -1
    this.serviceTier = ''
    this.speed = ''
    this.inferenceGeo = ''
  }

  get known(): boolean {
    return this.input >= 0 || this.output >= 0
  }
}
