import { ConvforgeError } from '../errors.js';

/** A record of a CSV file: one line, or several if a field has quoted line breaks. */
export interface CsvRecord {
  /** The number of its first line, from 1. */
  readonly line: number;
  /** Its line, if that has no quotes: the fields with delimiters between them. */
  readonly plain?: string;
  readonly fields: readonly string[];
}

/** A record without quotes, whose line is split only when its fields are asked for. */
class PlainRecord implements CsvRecord {
  constructor(
    readonly line: number,
    readonly plain: string,
    private readonly delimiter: string,
  ) {}

  get fields(): readonly string[] {
    return this.plain.split(this.delimiter);
  }
}

/** The most characters of a record. A longer one means a quote that was never closed. */
const LONGEST_RECORD = 2 ** 24;

type State = 'start' | 'plain' | 'quoted' | 'quote in quoted';

/**
 * Parses text that arrives in pieces into records (RFC 4180). A quoted field may contain delimiters, line
 * breaks and doubled quotes. Lines end in CRLF, LF or CR. The parser skips empty lines and a byte order mark.
 *
 * It finds whole lines without quotes by searching for their ends. Only other lines pass through the states.
 */
export class CsvParser {
  #state: State = 'start';
  #fields: string[] = [];
  #field = '';
  #length = 0;
  #line = 1;
  #recordLine = 1;
  #isAfterReturn = false;
  #isFirst = true;
  /** The beginning of a line without quotes, whose end is yet to come. */
  #tail = '';
  #records: CsvRecord[] = [];

  constructor(
    /** Names the file in errors. */
    private readonly path: string,
    private readonly delimiter: string,
  ) {}

  /** Returns the records that end in this piece. Throws CORRUPT_FILE, TOO_LARGE. */
  push(piece: string): CsvRecord[] {
    const start = this.#isFirst && piece.startsWith('\ufeff') ? 1 : 0;
    if (piece.length > 0) this.#isFirst = false;
    const text = this.#tail + piece.slice(start);
    this.#tail = '';
    for (let at = 0; at < text.length; ) {
      if (this.#isBetweenRecords()) at = this.#takePlainLines(text, at);
      if (at < text.length) at = this.#takeByStates(text, at);
    }
    return this.#give();
  }

  /** Returns the last record if no line break ended it. Throws CORRUPT_FILE for an open quote. */
  end(): CsvRecord[] {
    for (let at = 0; at < this.#tail.length; ) at = this.#takeByStates(this.#tail, at);
    if (this.#state === 'quoted') this.#fail('a quote is never closed', this.#recordLine);
    this.#endRecord();
    return this.#give();
  }

  #give(): CsvRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #isBetweenRecords(): boolean {
    return this.#length === 0 && !this.#isAfterReturn;
  }

  /**
   * Takes whole lines that have neither quotes nor a CR inside, and keeps a last line without an end as the
   * tail. Returns where another line begins.
   */
  #takePlainLines(text: string, from: number): number {
    const quote = text.indexOf('"', from);
    let at = from;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0 || (quote >= 0 && quote < end)) break;
      const plain = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
      this.#checkLength(plain.length);
      if (plain.includes('\r')) return at;
      if (plain !== '') this.#records.push(new PlainRecord(this.#line, plain, this.delimiter));
      this.#recordLine = ++this.#line;
      at = end + 1;
    }
    if (quote >= 0 || text.indexOf('\r', at) >= 0) return at;
    this.#tail = text.slice(at);
    this.#checkLength(this.#tail.length);
    return text.length;
  }

  /** Takes characters to the end of the record, or of the text. Returns the index of the next one. */
  #takeByStates(text: string, from: number): number {
    let at = from;
    while (at < text.length) {
      if (this.#state === 'quoted') {
        at = this.#takeQuoted(text, at);
      } else {
        this.#take(text[at++]);
        if (this.#isBetweenRecords()) break;
      }
    }
    return at;
  }

  /** Takes the text of a quoted field up to a quote. */
  #takeQuoted(text: string, from: number): number {
    const quote = text.indexOf('"', from);
    const run = text.slice(from, quote < 0 ? text.length : quote);
    this.#length += run.length + 1;
    this.#checkLength(this.#length);
    const breaks = run.match(/\r\n|\r|\n/g)?.length ?? 0;
    this.#line += breaks - (this.#isAfterReturn && run.startsWith('\n') ? 1 : 0);
    if (run !== '') this.#isAfterReturn = run.endsWith('\r');
    this.#field += run;
    if (quote < 0) return text.length;
    this.#isAfterReturn = false;
    this.#state = 'quote in quoted';
    return quote + 1;
  }

  #checkLength(length: number): void {
    if (length <= LONGEST_RECORD) return;
    throw new ConvforgeError(
      'TOO_LARGE',
      `${this.path}, line ${this.#recordLine}: a record has more than ${LONGEST_RECORD} characters; a quote may be open.`,
    );
  }

  #take(character: string): void {
    const isBreak = character === '\n' || character === '\r';
    const endsReturn = character === '\n' && this.#isAfterReturn;
    this.#isAfterReturn = character === '\r';
    if (isBreak && !endsReturn) this.#line++;
    this.#checkLength(++this.#length);
    if (isBreak) {
      if (!endsReturn) this.#endRecord();
      else this.#afterBreak();
    } else if (character === this.delimiter) {
      this.#endField();
    } else {
      this.#takeInField(character);
    }
  }

  #takeInField(character: string): void {
    if (character === '"') {
      if (this.#state === 'plain') this.#fail("a quote is inside a field that doesn't begin with a quote");
      if (this.#state === 'quote in quoted') this.#field += '"';
      this.#state = 'quoted';
      return;
    }
    if (this.#state === 'quote in quoted') this.#fail('a closing quote is followed by text');
    this.#state = 'plain';
    this.#field += character;
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
    this.#state = 'start';
  }

  #endRecord(): void {
    const isEmpty = this.#fields.length === 0 && this.#state === 'start';
    if (!isEmpty) {
      this.#endField();
      this.#records.push({ line: this.#recordLine, fields: this.#fields });
    }
    this.#fields = [];
    this.#afterBreak();
  }

  #afterBreak(): void {
    this.#length = 0;
    this.#recordLine = this.#line;
  }

  #fail(problem: string, line: number = this.#line): never {
    throw new ConvforgeError(
      'CORRUPT_FILE',
      `${this.path}, line ${line}: ${problem}. Quote whole fields, and double the quotes in them.`,
    );
  }
}
