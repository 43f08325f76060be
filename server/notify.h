/* SPDX-License-Identifier: MIT */
/* Tells the service manager how we are (systemd's Type=notify protocol: one datagram to $NOTIFY_SOCKET). Silent without one. */
#ifndef WG_NOTIFY_H
#define WG_NOTIFY_H

/* For example "READY=1\nSTATUS=serving". */
void notify_manager(const char *state);

#endif
