#include <cblas.h>

// The library's LAPACK routines, whose Fortran interface has no header of its own here.
// Letters and numbers by address; matrices column by column.

// Solves A·X = B for a positive definite A [n × n]; X replaces B [n × nrhs], the factor replaces A.
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
            const int *ldb, int *info);

// Singular value decomposition A = U·S·Vᵀ of A [m × n]; job 'S' gives the min(m, n) first vectors.
void dgesdd_(const char *job, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
             const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork, int *info);
