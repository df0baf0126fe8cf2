/*
 * libfido2 through PC/SC, measured: bench-libfido2 READER info|make COUNT
 */
#include <fido.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(int status) {
	if (status != FIDO_OK) {
		fprintf(stderr, "%s\n", fido_strerr(status));
		exit(1);
	}
}

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void info(fido_dev_t *key) {
	fido_cbor_info_t *answer = fido_cbor_info_new();
	must(fido_dev_get_cbor_info(key, answer));
	fido_cbor_info_free(&answer);
}

static void make(fido_dev_t *key) {
	static const unsigned char hash[32] = {7}, user[1] = {'u'};
	fido_cred_t *made = fido_cred_new();
	must(fido_cred_set_type(made, COSE_ES256));
	must(fido_cred_set_clientdata_hash(made, hash, sizeof(hash)));
	must(fido_cred_set_rp(made, "bench.keyvet.example", NULL));
	must(fido_cred_set_user(made, user, sizeof(user), "user", "User", NULL));
	must(fido_dev_make_cred(key, made, NULL));
	fido_cred_free(&made);
}

int main(int words, char **word) {
	if (words != 4)
		return 2;
	fido_init(0);
	fido_dev_t *key = fido_dev_new();
	must(fido_dev_open(key, word[1]));
	int count = atoi(word[3]), makes = strcmp(word[2], "make") == 0;
	double start = now();
	for (int at = 0; at < count; at++)
		(makes ? make : info)(key);
	double seconds = now() - start;
	printf("{\"count\": %d, \"seconds\": %f}\n", count, seconds);
	fido_dev_close(key);
	fido_dev_free(&key);
	return 0;
}
