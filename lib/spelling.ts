/** A name in TF.js's spelling, 'glorotUniform', or in Keras's, 'glorot_uniform'. */
export type Spelled<Name extends string> = Name | SnakeCase<Name>;

/** Names in capitals, such as MSE, have no other spelling. */
type SnakeCase<Name extends string> = Name extends Uppercase<Name> ? Name : Separated<Name>;

type Separated<Rest extends string> = Rest extends `${infer First}${infer Others}`
  ? Others extends Uncapitalize<Others>
    ? `${First}${Separated<Others>}`
    : `${First}_${Separated<Uncapitalize<Others>>}`
  : Rest;
