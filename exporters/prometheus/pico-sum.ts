import { type Pico, usdString } from '../../genai/money.ts'

const PICO_PER_USD = 1e12

/**
 * An exact sum of money in two plain numbers (whole USD and the pico-USD below), because adding BigInts for every call
 * would allocate one each. Exact up to 2^53 USD.
 */
export class PicoSum {
  private usd = 0
  private pico = 0
  private shown = 0n

  add(amount: Pico): void {
    // The remainder of a safe integer is exact, so both parts are.
    const pico = typeof amount === 'number' ? amount % PICO_PER_USD : Number(amount % BigInt(PICO_PER_USD))
    const usd = typeof amount === 'number' ? (amount - pico) / PICO_PER_USD : Number(amount / BigInt(PICO_PER_USD))
    this.usd += usd
    this.pico += pico
    if (this.pico >= PICO_PER_USD || this.pico <= -PICO_PER_USD) {
      const carry = Math.trunc(this.pico / PICO_PER_USD)
      this.usd += carry
      this.pico -= carry * PICO_PER_USD
    }
  }

  get exact(): bigint {
    return BigInt(this.usd) * BigInt(PICO_PER_USD) + BigInt(this.pico)
  }

  /**
   * The sum as a decimal, for a counter: a correction may lower the sum, but a counter that falls reads as a restart of
   * the process, so it waits at its highest value until the sum has caught up.
   */
  get counter(): string {
    if (this.exact > this.shown) this.shown = this.exact
    return usdString(this.shown)
  }
}
