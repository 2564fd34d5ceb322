/*
 * A libpam.so.0 that knows one user and one password. The vsftpd of Debian
 * checks users through PAM only, and PAM is configured in /etc, which a test
 * has no business to change.
 */
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, BUFFER_ERROR = 5, AUTH_ERROR = 7 };
enum { PROMPT_ECHO_OFF = 1, ITEM_USER = 2 };

struct message { int style; const char *text; };
struct response { char *text; int code; };
struct conversation {
	int (*ask)(int, const struct message **, struct response **, void *);
	void *data;
};
struct handle { struct conversation conv; char *user; };

int pam_start(const char *service, const char *user, const struct conversation *conv, struct handle **out)
{
	struct handle *h = calloc(1, sizeof *h);
	if (!h)
		return BUFFER_ERROR;
	h->conv = *conv;
	h->user = strdup(user ? user : "");
	*out = h;
	return SUCCESS;
}

int pam_authenticate(struct handle *h, int flags)
{
	const struct message prompt = { PROMPT_ECHO_OFF, "Password: " };
	const struct message *prompts = &prompt;
	struct response *answer = NULL;
	if (h->conv.ask(1, &prompts, &answer, h->conv.data) != SUCCESS || !answer || !answer->text)
		return AUTH_ERROR;
	return strcmp(h->user, USER) == 0 && strcmp(answer->text, PASSWORD) == 0 ? SUCCESS : AUTH_ERROR;
}

int pam_get_item(const struct handle *h, int type, const void **item)
{
	*item = type == ITEM_USER ? h->user : NULL;
	return SUCCESS;
}

int pam_acct_mgmt(struct handle *h, int flags) { return SUCCESS; }
int pam_setcred(struct handle *h, int flags) { return SUCCESS; }
int pam_open_session(struct handle *h, int flags) { return SUCCESS; }
int pam_close_session(struct handle *h, int flags) { return SUCCESS; }
int pam_set_item(struct handle *h, int type, const void *item) { return SUCCESS; }
int pam_end(struct handle *h, int status) { return SUCCESS; }
