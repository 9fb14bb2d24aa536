type Step = { cursor: string | undefined; length: number | undefined };

/**
 * What is known of a keyset list that is read page by page: where each page
 * begins, how many rows it has, and whether the list goes on. A page can be
 * shorter than was asked for, even empty, while the list goes on.
 */
export class Trail {
  #steps: Step[] = [{ cursor: undefined, length: undefined }];
  #starts: number[] = [0];
  #ended = false;
  #total: number | null = null;
  #version = 0;
  readonly #listeners = new Set<() => void>();

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How many rows the server says there are; null if it does not. */
  get total(): number | null {
    return this.#total;
  }

  /** How many rows the pages that were read have. */
  get known(): number {
    return this.#starts.at(-1) ?? 0;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  cursor(page: number): string | undefined {
    return this.#steps[page]?.cursor;
  }

  /** The index of a page's first row. */
  start(page: number): number {
    return this.#starts[page] ?? this.known;
  }

  /** The page that a row is on; the last one if that is not known yet. */
  pageOf(row: number): number {
    let low = 0;
    let high = this.#steps.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.start(middle) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The pages that hold the rows from first to last, and the next one to read if these rows reach beyond what is known. */
  pages(first: number, last: number): number[] {
    const from = this.pageOf(first);
    const to = this.pageOf(last);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at).filter(
      // The last page is asked again even if it was empty: rows may have come.
      (page) => page === this.#steps.length - 1 || (this.#steps[page]?.length ?? 1) > 0,
    );
  }

  /** Takes note of a page that was read; what follows it may have moved. */
  note(
    page: number,
    read: { length: number; next: string | null | undefined; total: number | null | undefined },
  ): void {
    const step = this.#steps[page];
    if (step === undefined) return;
    let changed = step.length !== read.length;
    step.length = read.length;
    if (typeof read.total === 'number' && read.total !== this.#total) {
      this.#total = read.total;
      changed = true;
    }
    const following = this.#steps[page + 1];
    if (!read.next) {
      changed ||= following !== undefined || !this.#ended;
      this.#steps.length = page + 1;
      this.#ended = true;
    } else if (following === undefined) {
      changed = true;
      this.#steps.push({ cursor: read.next, length: undefined });
      this.#ended = false;
    } else if (following.cursor !== read.next) {
      changed = true;
      following.cursor = read.next;
    }
    if (!changed) return;
    let start = 0;
    this.#starts = this.#steps.map(({ length = 0 }) => (start += length) - length);
    if (this.#ended) this.#starts.push(start);
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
