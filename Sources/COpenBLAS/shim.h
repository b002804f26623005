#include <cblas.h>

// The library's LAPACK routines, whose Fortran interface has no header of its own here.
// Letters and numbers by address; matrices column by column.

// Solves A·X = B for a positive definite A [n × n]; X replaces B [n × nrhs], the factor replaces A.
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
            const int *ldb, int *info);
