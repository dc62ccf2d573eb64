interface Box<T> {
  readonly of: T;
}

/**
 * The type of a property that never exists and remembers `T`. Any memo may be assigned to any other. Types
 * that differ only in their memos are therefore assignable to each other, as the values are: `let net =
 * sequential([...]); net = sequential([...])`.
 */
export type Memo<T> = Box<T> | Box<unknown>;

/** The type that a memo remembers; never for anything else. */
export type Recall<M> = M extends Box<infer T> ? (unknown extends T ? never : T) : never;

/** The key of the memo of shapes in a model's type. */
export declare const SHAPES: unique symbol;
