/*
 * One operation on one virtual key through libfido2: libfido2-client ADDRESS OPERATION ...
 *
 * ADDRESS is the key's HID node, or where it listens over UDP: then the reports travel as datagrams, one each, through the
 * library's own hook for input and output. The operations are those of run.py. The answer is one line of JSON; the texts in it come from a key of our own and are not escaped.
 */
#include <arpa/inet.h>
#include <fido.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPORT = 64 };

static void die(const char *why) {
	fprintf(stderr, "%s\n", why);
	exit(2);
}

/* what the library thinks of the last operation: a CTAP status when positive, an error of its own when negative */
static void must(int result) {
	if (result == FIDO_OK)
		return;
	if (result > 0)
		printf("{\"status\": %d}\n", result);
	else
		printf("{\"error\": \"%s\"}\n", fido_strerr(result));
	exit(0);
}

static void *udp_open(const char *address) {
	char host[64] = "";
	const char *colon = strrchr(address, ':');
	if (colon == NULL || (size_t)(colon - address) >= sizeof(host))
		return NULL;
	memcpy(host, address, (size_t)(colon - address));
	struct sockaddr_in key = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(colon + 1))};
	int *handle = malloc(sizeof(*handle));
	if (handle == NULL || inet_pton(AF_INET, host, &key.sin_addr) != 1)
		return NULL;
	*handle = socket(AF_INET, SOCK_DGRAM, 0);
	if (*handle < 0 || connect(*handle, (struct sockaddr *)&key, sizeof(key)) != 0)
		return NULL;
	return handle;
}

static void udp_close(void *handle) {
	close(*(int *)handle);
	free(handle);
}

static int udp_read(void *handle, unsigned char *buffer, size_t size, int milliseconds) {
	struct pollfd waiting = {.fd = *(int *)handle, .events = POLLIN};
	if (size != REPORT || poll(&waiting, 1, milliseconds) != 1)
		return -1;
	return (int)recv(*(int *)handle, buffer, REPORT, 0);
}

/* the first byte is the report number, which is not part of the report */
static int udp_write(void *handle, const unsigned char *data, size_t size) {
	if (size != REPORT + 1 || send(*(int *)handle, data + 1, REPORT, 0) != REPORT)
		return -1;
	return (int)size;
}

static void print_hex(const unsigned char *bytes, size_t size) {
	printf("\"");
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	printf("\"");
}

static void print_texts(const char *name, char **texts, size_t count) {
	if (count == 0)
		return;
	printf(", \"%s\": [", name);
	for (size_t i = 0; i < count; i++)
		printf("%s\"%s\"", i ? ", " : "", texts[i]);
	printf("]");
}

/* zero is what the library says of an absent member */
static void print_number(const char *name, unsigned long long value) {
	if (value != 0)
		printf(", \"%s\": %llu", name, value);
}

static void print_lists(const fido_cbor_info_t *info) {
	print_texts("versions", fido_cbor_info_versions_ptr(info), fido_cbor_info_versions_len(info));
	print_texts("extensions", fido_cbor_info_extensions_ptr(info), fido_cbor_info_extensions_len(info));
	print_texts("transports", fido_cbor_info_transports_ptr(info), fido_cbor_info_transports_len(info));
	printf(", \"options\": {");
	for (size_t i = 0; i < fido_cbor_info_options_len(info); i++)
		printf("%s\"%s\": %s", i ? ", " : "", fido_cbor_info_options_name_ptr(info)[i],
		    fido_cbor_info_options_value_ptr(info)[i] ? "true" : "false");
	printf("}, \"pinUvAuthProtocols\": [");
	for (size_t i = 0; i < fido_cbor_info_protocols_len(info); i++)
		printf("%s%d", i ? ", " : "", fido_cbor_info_protocols_ptr(info)[i]);
	printf("], \"algorithms\": [");
	for (size_t i = 0; i < fido_cbor_info_algorithm_count(info); i++)
		printf("%s{\"alg\": %d, \"type\": \"%s\"}", i ? ", " : "", fido_cbor_info_algorithm_cose(info, i),
		    fido_cbor_info_algorithm_type(info, i));
	printf("]");
}

static void print_info(fido_dev_t *key) {
	fido_cbor_info_t *info = fido_cbor_info_new();
	must(fido_dev_get_cbor_info(key, info));
	printf("{\"members\": {\"aaguid\": ");
	print_hex(fido_cbor_info_aaguid_ptr(info), fido_cbor_info_aaguid_len(info));
	print_lists(info);
	print_number("maxMsgSize", fido_cbor_info_maxmsgsiz(info));
	print_number("maxCredentialCountInList", fido_cbor_info_maxcredcntlst(info));
	print_number("maxCredentialIdLength", fido_cbor_info_maxcredidlen(info));
	print_number("maxSerializedLargeBlobArray", fido_cbor_info_maxlargeblob(info));
	print_number("minPINLength", fido_cbor_info_minpinlen(info));
	print_number("firmwareVersion", fido_cbor_info_fwversion(info));
	print_number("maxCredBlobLength", fido_cbor_info_maxcredbloblen(info));
	print_number("maxRPIDsForSetMinPINLength", fido_cbor_info_maxrpid_minpinlen(info));
	print_number("preferredPlatformUvAttempts", fido_cbor_info_uv_attempts(info));
	print_number("uvModality", fido_cbor_info_uv_modality(info));
	if (fido_cbor_info_rk_remaining(info) >= 0)
		printf(", \"remainingDiscoverableCredentials\": %lld", (long long)fido_cbor_info_rk_remaining(info));
	printf("}}\n");
	fido_cbor_info_free(&info);
}

static void make_credential(fido_dev_t *key, char **words, const char *pin) {
	fido_cred_t *made = fido_cred_new();
	must(fido_cred_set_type(made, COSE_ES256));
	must(fido_cred_set_clientdata(made, (unsigned char *)words[1], strlen(words[1])));
	must(fido_cred_set_rp(made, words[0], words[0]));
	must(fido_cred_set_user(made, (const unsigned char *)"u", 1, "user", "User", NULL));
	must(fido_cred_set_rk(made, strcmp(words[2], "discoverable") == 0 ? FIDO_OPT_TRUE : FIDO_OPT_OMIT));
	must(fido_dev_make_cred(key, made, pin));
	printf("{\"fmt\": \"%s\", \"auth_data\": ", fido_cred_fmt(made));
	print_hex(fido_cred_authdata_raw_ptr(made), fido_cred_authdata_raw_len(made));
	printf(", \"id\": ");
	print_hex(fido_cred_id_ptr(made), fido_cred_id_len(made));
	/* the library's own opinion of the statement, when it has one */
	printf(", \"statement\": %s}\n", fido_cred_x5c_ptr(made) ? fido_cred_verify(made) == FIDO_OK ? "true" : "false"
	    : fido_cred_verify_self(made) == FIDO_OK ? "true" : "false");
	fido_cred_free(&made);
}

static size_t unhex(const char *text, unsigned char *bytes, size_t room) {
	size_t size = strlen(text) / 2;
	if (size > room)
		die("credential id too long");
	for (size_t i = 0; i < size; i++)
		if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1)
			die("credential id is not hexadecimal");
	return size;
}

static void get_assertion(fido_dev_t *key, char **words, const char *pin) {
	fido_assert_t *found = fido_assert_new();
	unsigned char id[1024];
	must(fido_assert_set_clientdata(found, (unsigned char *)words[1], strlen(words[1])));
	must(fido_assert_set_rp(found, words[0]));
	if (strcmp(words[2], "any") != 0)
		must(fido_assert_allow_cred(found, id, unhex(words[2], id, sizeof(id))));
	must(fido_dev_get_assert(key, found, pin));
	if (fido_assert_count(found) != 1)
		die("not one assertion");
	/* the library hands the authenticator data out as a CBOR byte string of one length byte or two */
	const unsigned char *data = fido_assert_authdata_ptr(found, 0);
	size_t skip = data[0] == 0x58 ? 2 : data[0] == 0x59 ? 3 : 1;
	printf("{\"auth_data\": ");
	print_hex(data + skip, fido_assert_authdata_len(found, 0) - skip);
	printf(", \"signature\": ");
	print_hex(fido_assert_sig_ptr(found, 0), fido_assert_sig_len(found, 0));
	printf("}\n");
	fido_assert_free(&found);
}

int main(int count, char **words) {
	if (count < 3)
		die("usage: libfido2-client ADDRESS OPERATION ...");
	const fido_dev_io_t udp = {udp_open, udp_close, udp_read, udp_write};
	const char *operation = words[2];
	const char *pin = count > 6 ? words[6] : NULL;
	int retries = 0;
	fido_init(0);
	fido_dev_t *key = fido_dev_new();
	if (key == NULL)
		die("no device");
	/* its own ways to a node and to a card */
	int its_own = strncmp(words[1], "/dev/", 5) == 0 || strncmp(words[1], "pcsc://", 7) == 0;
	if (!its_own && fido_dev_set_io_functions(key, &udp) != FIDO_OK)
		die("no hook");
	must(fido_dev_set_timeout(key, 10000));
	must(fido_dev_open(key, words[1]));
	if (strcmp(operation, "info") == 0) {
		print_info(key);
	} else if (strcmp(operation, "retries") == 0) {
		must(fido_dev_get_retry_count(key, &retries));
		printf("{\"retries\": %d}\n", retries);
	} else if (strcmp(operation, "set-pin") == 0 && count == 4) {
		must(fido_dev_set_pin(key, words[3], NULL));
		printf("{}\n");
	} else if (strcmp(operation, "make-credential") == 0 && count >= 6) {
		make_credential(key, words + 3, pin);
	} else if (strcmp(operation, "assert") == 0 && count >= 6) {
		get_assertion(key, words + 3, pin);
	} else {
		die("no such operation");
	}
	fido_dev_close(key);
	fido_dev_free(&key);
	return 0;
}
