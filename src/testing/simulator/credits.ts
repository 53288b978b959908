/** The account of a simulated workspace: credits are reserved by a run, and spent or refunded by its results. */

/** Credits at one moment. `balance + reserved + spent` is what the workspace was given. */
export interface Credits {
  /** What can be spent: the `balance` of `user.me`. */
  readonly balance: number;
  /** Held for inputs that are not finished. */
  readonly reserved: number;
  readonly spent: number;
  /** What was reserved and then released, because an input found nothing, failed or was cancelled. */
  readonly refunded: number;
}

/** Keeps the account. */
export class Account {
  /** Changes in place. */
  readonly credits: { -readonly [Name in keyof Credits]: number };

  constructor(balance: number) {
    this.credits = { balance, reserved: 0, spent: 0, refunded: 0 };
  }

  /** Adds credits, as a purchase does. */
  add(amount: number): void {
    this.credits.balance = round(this.credits.balance + amount);
  }

  /** Holds credits for a run. Returns false, and holds nothing, if the balance is too low. */
  reserve(amount: number): boolean {
    const { credits } = this;
    if (amount > credits.balance) {
      return false;
    }
    credits.balance = round(credits.balance - amount);
    credits.reserved = round(credits.reserved + amount);
    return true;
  }

  /** Spends a part of what was reserved and releases the rest. */
  settle(reserved: number, spent: number): void {
    const { credits } = this;
    credits.reserved = round(credits.reserved - reserved);
    credits.spent = round(credits.spent + spent);
    credits.refunded = round(credits.refunded + reserved - spent);
    credits.balance = round(credits.balance + reserved - spent);
  }
}

/** Sums of prices such as 0.1 stay readable. */
export function round(credits: number): number {
  return Math.round(credits * 1e6) / 1e6;
}
