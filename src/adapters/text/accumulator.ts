/** Scores of documents, kept for many queries: only what a query touched is cleared for the next. */
export class Accumulator {
  scores = new Float32Array(0);
  private marks = new Uint8Array(0);
  touched = new Uint32Array(0);
  count = 0;

  /** Empties it and makes room for that many documents. */
  reset(documents: number): void {
    for (let i = 0; i < this.count; i++) {
      const document = this.touched[i] ?? 0;
      this.scores[document] = 0;
      this.marks[document] = 0;
    }
    this.count = 0;
    if (documents <= this.scores.length) return;
    const room = Math.ceil(documents * 1.2);
    this.scores = new Float32Array(room);
    this.marks = new Uint8Array(room);
    this.touched = new Uint32Array(room);
  }

  add(document: number, score: number): void {
    if (this.marks[document] === 0) this.touch(document);
    this.scores[document] = (this.scores[document] ?? 0) + score;
  }

  /** Keeps the greater of what is there and this. */
  raise(document: number, score: number): void {
    if (this.marks[document] === 0) this.touch(document);
    if (score > (this.scores[document] ?? 0)) this.scores[document] = score;
  }

  has = (document: number): boolean => this.marks[document] === 1;

  /** The highest score of these documents. */
  most(documents: Uint32Array): number {
    let most = 0;
    for (const document of documents) {
      const score = this.scores[document] ?? 0;
      if (score > most) most = score;
    }
    return most;
  }

  private touch(document: number): void {
    this.marks[document] = 1;
    this.touched[this.count++] = document;
  }
}
