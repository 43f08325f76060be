/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_accounts.h"

#define ROLE(x) WANGGE__V1__ROLE__ROLE_##x

const struct demo_account demo_accounts[] = {
    {"demo.worker", "王丽", ROLE(GRID_WORKER), "230604001001", ""},
    {"demo.worker2", "孙海波", ROLE(GRID_WORKER), "230604001001", ""},
    {"demo.community", "李桂兰", ROLE(COMMUNITY), "230604001001", "XZ-230604001001-SQ"},
    {"demo.acceptor", "赵强", ROLE(ACCEPTOR), "230604", "XZ-230604-ZX"},
    {"demo.acceptor2", "周晓梅", ROLE(ACCEPTOR), "230604", "XZ-230604-ZX"},
    {"demo.dispatcher", "陈志军", ROLE(DISPATCHER), "230604", "XZ-230604-ZX"},
    {"demo.chief", "刘振华", ROLE(DUTY_CHIEF), "230604", "XZ-230604-ZX"},
    {"demo.handler", "张伟", ROLE(HANDLER), "230604", "XZ-230604-CG"},
    {"demo.lead", "高建平", ROLE(ORGAN_LEAD), "230604", "XZ-230604-CG"},
    {"demo.police", "杨俊杰", ROLE(HANDLER), "230604", "XZ-230604-GA"},
    {"demo.justice", "吴秀英", ROLE(HANDLER), "230604", "XZ-230604-SF"},
    {"demo.supervisor", "马文斌", ROLE(SUPERVISOR), "2306", "XZ-2306-ZX"},
    {"demo.mediator", "胡玉琴", ROLE(MEDIATOR), "230604", "XZ-230604-SF"},
    {"demo.expert", "林思涛", ROLE(EXPERT), "2306", ""},
    {"demo.sysadmin", "郭明", ROLE(SYSTEM_ADMIN), "2306", ""},
    {"demo.secadmin", "何雪", ROLE(SECURITY_ADMIN), "2306", ""},
    {"demo.auditor", "罗成", ROLE(AUDITOR), "2306", ""},
    {DEMO_INTEGRATION_LOGIN, "历史数据对接", ROLE(INTEGRATION), "2306", ""},
};
const size_t demo_accounts_len = sizeof demo_accounts / sizeof demo_accounts[0];
