/*
 * libfido2 as a client, measured: one line of JSON.
 *
 *   libfido2 canned FOLDER PASSES COUNT   processor time of an exchange with canned answers in memory, in microseconds
 *   libfido2 delay ADDRESS COUNT          last report to return, in microseconds, against canned-key
 *   libfido2 rate ADDRESS PASSES COUNT    time of an exchange with a key over UDP, or on a HID node
 *   libfido2 cost ADDRESS PASSES COUNT    processor time of the same
 */
#include <arpa/inet.h>
#include <fido.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { REPORT = 64, LONGEST = 7609, MOST = 130 };

static void die(const char *why) {
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static void must(int result) {
	if (result != FIDO_OK)
		die(fido_strerr(result));
}

/* the canned device: request reports in, answer reports out */
struct answer {
	unsigned char reports[MOST][REPORT];
	size_t count;
};
static struct answer init, get_info, make_credential;
static const struct answer *current;
static size_t next_report, missing;
static unsigned char command;

static void cut(struct answer *answer, const unsigned char *channel, unsigned char kind, const unsigned char *message,
    size_t size) {
	size_t done = size < 57 ? size : 57;
	memset(answer, 0, sizeof(*answer));
	memcpy(answer->reports[0], channel, 4);
	answer->reports[0][4] = kind;
	answer->reports[0][5] = (unsigned char)(size >> 8);
	answer->reports[0][6] = (unsigned char)size;
	memcpy(&answer->reports[0][7], message, done);
	for (answer->count = 1; done < size; answer->count++) {
		size_t part = size - done < 59 ? size - done : 59;
		memcpy(answer->reports[answer->count], channel, 4);
		answer->reports[answer->count][4] = (unsigned char)(answer->count - 1);
		memcpy(&answer->reports[answer->count][5], message + done, part);
		done += part;
	}
}

static void load(struct answer *answer, const char *folder, const char *name) {
	static const unsigned char channel[4] = {0, 0, 0, 1};
	unsigned char message[LONGEST];
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		die(path);
	cut(answer, channel, 0x90, message, fread(message, 1, sizeof(message), file));
	fclose(file);
}

static void *canned_open(const char *path) {
	(void)path;
	return &init;
}

static void canned_close(void *handle) {
	(void)handle;
}

static int canned_read(void *handle, unsigned char *buffer, size_t size, int milliseconds) {
	(void)handle, (void)milliseconds;
	if (current == NULL || next_report == current->count || size != REPORT)
		return -1;
	memcpy(buffer, current->reports[next_report++], REPORT);
	return REPORT;
}

static int canned_write(void *handle, const unsigned char *data, size_t size) {
	(void)handle;
	const unsigned char *report = data + 1;
	if (report[4] == 0x86) {
		static const unsigned char everyone[4] = {0xff, 0xff, 0xff, 0xff};
		unsigned char message[17] = {[11] = 1, [12] = 2, [13] = 1, [16] = 0x0c};
		memcpy(message, report + 7, 8);
		cut(&init, everyone, 0x86, message, sizeof(message));
		current = &init, next_report = 0;
		return (int)size;
	}
	if (report[4] & 0x80) {
		command = report[7];
		missing = ((size_t)report[5] << 8 | report[6]) + 2;
	}
	missing = missing > 59 ? missing - 59 : 0;
	if (missing == 0)
		current = command == 0x04 ? &get_info : &make_credential, next_report = 0;
	return (int)size;
}

/* reports as datagrams */
static int udp_handle;

static void *udp_open(const char *address) {
	char host[64] = "";
	const char *colon = strrchr(address, ':');
	if (colon == NULL || (size_t)(colon - address) >= sizeof(host))
		return NULL;
	memcpy(host, address, (size_t)(colon - address));
	struct sockaddr_in key = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(colon + 1))};
	udp_handle = socket(AF_INET, SOCK_DGRAM, 0);
	if (inet_pton(AF_INET, host, &key.sin_addr) != 1 || connect(udp_handle, (struct sockaddr *)&key, sizeof(key)) != 0)
		return NULL;
	return &udp_handle;
}

static int udp_read(void *handle, unsigned char *buffer, size_t size, int milliseconds) {
	struct pollfd waiting = {.fd = *(int *)handle, .events = POLLIN};
	if (size != REPORT || poll(&waiting, 1, milliseconds) != 1)
		return -1;
	return (int)recv(*(int *)handle, buffer, REPORT, 0);
}

static int udp_write(void *handle, const unsigned char *data, size_t size) {
	return send(*(int *)handle, data + 1, REPORT, 0) == REPORT ? (int)size : -1;
}

static double now(clockid_t clock) {
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void one_info(fido_dev_t *key) {
	fido_cbor_info_t *info = fido_cbor_info_new();
	must(fido_dev_get_cbor_info(key, info));
	fido_cbor_info_free(&info);
}

/* the credential, still to be freed */
static fido_cred_t *one_credential(fido_dev_t *key) {
	static const unsigned char hash[32] = {7};
	fido_cred_t *made = fido_cred_new();
	must(fido_cred_set_type(made, COSE_ES256));
	must(fido_cred_set_clientdata_hash(made, hash, sizeof(hash)));
	must(fido_cred_set_rp(made, "bench.keyvet.example", "bench"));
	must(fido_cred_set_user(made, (const unsigned char *)"u", 1, "user", "User", NULL));
	must(fido_dev_make_cred(key, made, NULL));
	return made;
}

static void exchange(fido_dev_t *key, int credential) {
	if (!credential) {
		one_info(key);
		return;
	}
	fido_cred_t *made = one_credential(key);
	fido_cred_free(&made);
}

/* microseconds of one exchange, by the clock given, for each pass */
static void passes(fido_dev_t *key, clockid_t clock, int credential, int times, int count) {
	printf("\"%s\": [", credential ? "make_credential" : "get_info");
	for (int pass = 0; pass < times; pass++) {
		double before = now(clock);
		for (int i = 0; i < count; i++)
			exchange(key, credential);
		printf("%s%.4f", pass ? ", " : "", (now(clock) - before) / count);
	}
	printf("]");
}

static void both(fido_dev_t *key, clockid_t clock, int times, int count) {
	printf("{\"name\": \"libfido2\", ");
	passes(key, clock, 0, times, count);
	printf(", ");
	passes(key, clock, 1, times, count);
	printf("}\n");
}

static void delays(fido_dev_t *key, int count) {
	printf("{\"name\": \"libfido2\", \"delay\": [");
	for (int i = 0; i < count; i++) {
		fido_cred_t *made = one_credential(key);
		double returned = now(CLOCK_MONOTONIC);
		const unsigned char *end = fido_cred_x5c_ptr(made) + fido_cred_x5c_len(made);
		unsigned long long sent = 0;
		for (int byte = -8; byte < 0; byte++)
			sent = sent << 8 | end[byte];
		printf("%s%.3f", i ? ", " : "", returned - (double)sent / 1e3);
		fido_cred_free(&made);
	}
	printf("]}\n");
}

int main(int count, char **words) {
	const fido_dev_io_t canned = {canned_open, canned_close, canned_read, canned_write};
	const fido_dev_io_t udp = {udp_open, canned_close, udp_read, udp_write};
	if (count < 4)
		die("usage: libfido2 canned|delay|rate|cost …");
	int in_memory = strcmp(words[1], "canned") == 0;
	fido_init(0);
	fido_dev_t *key = fido_dev_new();
	if (strncmp(words[2], "/dev/", 5) != 0)
		must(fido_dev_set_io_functions(key, in_memory ? &canned : &udp));
	if (in_memory) {
		load(&get_info, words[2], "get-info.answer");
		load(&make_credential, words[2], "make-credential.answer");
	}
	must(fido_dev_open(key, words[2]));
	if (strcmp(words[1], "delay") == 0)
		delays(key, atoi(words[3]));
	else
		both(key, in_memory || strcmp(words[1], "cost") == 0 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, atoi(words[3]), atoi(words[4]));
	fido_dev_close(key);
	fido_dev_free(&key);
	return 0;
}
