/** Remembers numbers by number for a while: two generations, of which the older is forgotten when the younger is full. */
export class RecentMap {
  private readonly max: number
  private young = new Map<number, number>()
  private old = new Map<number, number>()

  /** @param max entries of a generation; between one and two times as many are known */
  constructor(max: number) {
    this.max = max
  }

  get(key: number): number | undefined {
    return this.young.get(key) ?? this.old.get(key)
  }

  set(key: number, value: number): void {
    if (this.young.size >= this.max && !this.young.has(key)) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(key, value)
  }
}
