import { ConvforgeError } from '../errors.js';

/** A record of a CSV file: one line, or several if a field has quoted line breaks. */
export interface CsvRecord {
  /** The number of its first line, from 1. */
  line: number;
  fields: string[];
}

/** The most characters of a record. A longer one means a quote that was never closed. */
const LONGEST_RECORD = 2 ** 24;

type State = 'start' | 'plain' | 'quoted' | 'quote in quoted';

/**
 * Parses text that arrives in pieces into records (RFC 4180). A quoted field may contain delimiters, line
 * breaks and doubled quotes. Lines end in CRLF, LF or CR. The parser skips empty lines and a byte order mark.
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
  #records: CsvRecord[] = [];

  constructor(
    /** Names the file in errors. */
    private readonly path: string,
    private readonly delimiter: string,
  ) {}

  /** Returns the records that end in this piece. Throws CORRUPT_FILE, TOO_LARGE. */
  push(text: string): CsvRecord[] {
    const start = this.#isFirst && text.startsWith('\ufeff') ? 1 : 0;
    if (text.length > 0) this.#isFirst = false;
    for (let i = start; i < text.length; i++) this.#take(text[i]);
    return this.#give();
  }

  /** Returns the last record if no line break ended it. Throws CORRUPT_FILE for an open quote. */
  end(): CsvRecord[] {
    if (this.#state === 'quoted') this.#fail('a quote is never closed', this.#recordLine);
    this.#endRecord();
    return this.#give();
  }

  #give(): CsvRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #take(character: string): void {
    const isBreak = character === '\n' || character === '\r';
    const endsReturn = character === '\n' && this.#isAfterReturn;
    this.#isAfterReturn = character === '\r';
    if (isBreak && !endsReturn) this.#line++;
    if (++this.#length > LONGEST_RECORD) {
      throw new ConvforgeError(
        'TOO_LARGE',
        `${this.path}, line ${this.#recordLine}: a record has more than ${LONGEST_RECORD} characters; a quote may be open.`,
      );
    }
    if (this.#state === 'quoted') {
      if (character === '"') this.#state = 'quote in quoted';
      else this.#field += character;
    } else if (isBreak) {
      if (!endsReturn) this.#endRecord();
      else this.#recordLine = this.#line;
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
