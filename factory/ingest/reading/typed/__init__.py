"""Which type each column has, decided on Arrow arrays.

`lossless` and `declared` define in SQL what a value of a type is. `kernels` knows of a whole
array that all of it is certainly one, at a fraction of the cost; `judging` asks the definition
about the rest.
"""
