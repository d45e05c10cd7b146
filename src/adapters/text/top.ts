/**
 * The `k` best of a stream of (document, score), best first, smaller numbers first among equals: a binary heap with the worst
 * on top.
 */
export class Top {
  private readonly limit: number;
  private readonly documents: number[] = [];
  private readonly scores: number[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether this would get in: asked before a dearer check. */
  accepts(document: number, score: number): boolean {
    return this.documents.length < this.limit || (this.limit > 0 && this.isWorse(0, document, score));
  }

  private isWorse(at: number, document: number, score: number): boolean {
    const there = this.scores[at] ?? 0;
    return there < score || (there === score && (this.documents[at] ?? 0) > document);
  }

  offer(document: number, score: number): void {
    if (this.documents.length < this.limit) {
      let at = this.documents.length;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        // A parent must be worse than what is below it.
        if (this.isWorse(parent, document, score)) break;
        this.move(at, parent);
        at = parent;
      }
      this.put(at, document, score);
    } else if (this.accepts(document, score)) this.sink(document, score);
  }

  private sink(document: number, score: number): void {
    const size = this.documents.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && this.isWorse(right, this.documents[child] ?? 0, this.scores[child] ?? 0)) child = right;
      if (!this.isWorse(child, document, score)) break;
      this.move(at, child);
      at = child;
    }
    this.put(at, document, score);
  }

  private move(to: number, from: number): void {
    this.put(to, this.documents[from] ?? 0, this.scores[from] ?? 0);
  }

  private put(at: number, document: number, score: number): void {
    this.documents[at] = document;
    this.scores[at] = score;
  }

  sorted(): { document: number; score: number }[] {
    return this.documents
      .map((document, i) => ({ document, score: this.scores[i] ?? 0 }))
      .sort((a, b) => b.score - a.score || a.document - b.document);
  }
}
