/** Where more than one document in so many was touched, clearing all is quicker. */
const MANY = 30;

/**
 * Scores of documents, kept for many queries: only what a query touched is cleared for the next. Who adds to `scores` touches
 * the document first and writes by itself: numbers that are handed to a function may be put on the heap, one for each posting,
 * and so may what `for … of` makes at each step of a long array.
 */
export class Accumulator {
  scores = new Float32Array(0);
  /** 1 where a document was touched. */
  marks = new Uint8Array(0);
  touched = new Uint32Array(0);
  count = 0;

  /** Empties it and makes room for that many documents. */
  reset(documents: number): void {
    if (this.count * MANY > this.scores.length) {
      this.scores.fill(0);
      this.marks.fill(0);
    } else {
      for (let i = 0; i < this.count; i++) {
        const document = this.touched[i]!;
        this.scores[document] = 0;
        this.marks[document] = 0;
      }
    }
    this.count = 0;
    if (documents <= this.scores.length) return;
    const room = Math.ceil(documents * 1.2);
    this.scores = new Float32Array(room);
    this.marks = new Uint8Array(room);
    this.touched = new Uint32Array(room);
  }

  /** Makes a document one that was met; its score is 0 until somebody writes another. */
  touch(document: number): void {
    if (this.marks[document] === 1) return;
    this.marks[document] = 1;
    this.touched[this.count++] = document;
  }

  /** The highest score of these documents. */
  most(documents: Uint32Array): number {
    let most = 0;
    for (let i = 0; i < documents.length; i++) {
      const score = this.scores[documents[i]!]!;
      if (score > most) most = score;
    }
    return most;
  }
}
