/** Bytes of requests on their way in, over all connections of the receiver. */
export class Admission {
  private readonly limit: number
  private used = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get bytes(): number {
    return this.used
  }

  /** A request's own account, which must be closed. */
  open(): Account {
    return new Account(this)
  }

  take(bytes: number): boolean {
    if (this.used + bytes > this.limit) return false
    this.used += bytes
    return true
  }

  give(bytes: number): void {
    this.used -= bytes
  }
}

export class Account {
  private readonly admission: Admission
  private held = 0

  constructor(admission: Admission) {
    this.admission = admission
  }

  /** False: there is no room for these bytes now. */
  take(bytes: number): boolean {
    if (!this.admission.take(bytes)) return false
    this.held += bytes
    return true
  }

  /** Gives everything back; safe twice. */
  close(): void {
    this.admission.give(this.held)
    this.held = 0
  }
}
