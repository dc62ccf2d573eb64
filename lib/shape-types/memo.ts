interface Box<T> {
  readonly of: T;
}

/**
 * The type of a property that is never there and remembers `T`. One memo may stand where another is expected, so that types which
 * differ in what they remember alone can be assigned to each other, as the values can: `let net = sequential([...]); net = sequential([...])`.
 */
export type Memo<T> = Box<T> | Box<unknown>;

/** What a memo remembers; never for anything else. */
export type Recall<M> = M extends Box<infer T> ? (unknown extends T ? never : T) : never;

/** The key under which models remember shapes. */
export declare const SHAPES: unique symbol;
