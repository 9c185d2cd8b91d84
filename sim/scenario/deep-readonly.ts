/** `T` with every property and array in it readonly: the type of plain data that nobody may change. */
export type DeepReadonly<T> =
  T extends readonly (infer Item)[] ? number extends T['length'] ? readonly DeepReadonly<Item>[] : { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T
