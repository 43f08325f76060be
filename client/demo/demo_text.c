/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_text.h"

#include <stdio.h>
#include <string.h>

#define LEN(a) (sizeof(a) / sizeof(a)[0])

/* A text being written; a piece that does not fit is left out whole. */
struct sink {
    char *out;
    size_t len;
};

static void put_n(struct sink *s, const char *text, size_t n)
{
    if (s->len + n < DEMO_TEXT_SIZE) {
        memcpy(s->out + s->len, text, n);
        s->len += n;
    }
    s->out[s->len] = '\0';
}

static void put(struct sink *s, const char *text)
{
    put_n(s, text, strlen(text));
}

static void put_number(struct sink *s, uint32_t n)
{
    char digits[12];
    int len = snprintf(digits, sizeof digits, "%u", n);
    put_n(s, digits, (size_t)len);
}

static const char *one_of(struct prng *p, const char *const *words, size_t n)
{
    return words[prng_below(p, (uint32_t)n)];
}

static const char *const surnames[50] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓",
    "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎",
};
static const char *const given_firsts[36] = {
    "建", "志", "文", "晓", "海", "春", "秀", "玉", "国", "永", "明", "丽", "雪", "冬", "立", "振", "家", "成",
    "德", "桂", "红", "庆", "占", "景", "宝", "凤", "雅", "长", "学", "艳", "广", "佳", "东", "丹", "俊", "思",
};
static const char *const given_seconds[36] = {
    "华", "军", "平", "强", "梅", "英", "杰", "芳", "民", "峰", "波", "霞", "勇", "琴", "伟", "兰", "涛", "洁",
    "龙", "敏", "辉", "娟", "斌", "玲", "刚", "燕", "林", "莹", "生", "萍", "山", "静", "海", "云", "阳", "航",
};

void demo_text_name(uint32_t i, char out[DEMO_NAME_SIZE])
{
    /* The factor has no divisor in common with DEMO_PEOPLE, so this is a permutation: neighbours get unlike names. */
    uint32_t k = (uint32_t)((uint64_t)i * 48271 % DEMO_PEOPLE);
    (void)snprintf(out, DEMO_NAME_SIZE, "%s%s%s", surnames[k % 50], given_firsts[k / 50 % 36], given_seconds[k / 1800]);
}

static const char *const who[] = {"居民", "业主", "住户", "过路群众", "商户", "老人", "家长", "租户"};
static const char *const who_village[] = {"村民", "农户", "老人", "过路群众", "种植户", "养殖户"};
static const char *const times[] = {"清晨", "上午", "中午", "傍晚", "晚上", "夜间", "凌晨", "昨晚"};
static const char *const spots[] = {"门前",     "楼道内",   "楼下",       "南侧路边",   "北侧绿地", "停车场",
                                    "东门",     "西门",     "健身广场",   "车棚旁",     "垃圾点旁", "甬道",
                                    "商服门前", "活动室旁", "变电箱附近", "换热站旁边", "凉亭处",   "围墙外"};
static const char *const spots_village[] = {"路口",   "村部门前", "小广场",   "排水沟旁", "村东头",   "村西头",
                                            "机井旁", "大棚附近", "卫生所旁", "小卖部前", "林带边上", "泡子边"};

void demo_text_scene(struct prng *p, const struct demo_city *c, int grid, const struct demo_category *cat,
                     struct demo_scene *ret)
{
    const struct demo_community *com = &c->communities[c->grids[grid].community];
    *ret = (struct demo_scene){
        .community = com,
        .town = &c->towns[com->town],
        .indoors = strchr("DMV", cat->code[0]) != NULL,
        .building = 1 + (int)prng_below(p, com->village ? 9 : 38),
        .unit = 1 + (int)prng_below(p, 6),
    };
}

/* A spot as people say it. */
static void put_spot(struct sink *s, struct prng *p, const struct demo_scene *scene)
{
    if (scene->community->village) {
        put_number(s, (uint32_t)scene->building);
        put(s, "组");
        put(s, scene->indoors ? "" : one_of(p, spots_village, LEN(spots_village)));
        return;
    }
    bool unit = scene->indoors || prng_permille(p, 350);
    if (unit || prng_permille(p, 500)) {
        put_number(s, (uint32_t)scene->building);
        put(s, "号楼");
    }
    if (unit) {
        put_number(s, (uint32_t)scene->unit);
        put(s, "单元");
    } else {
        put(s, one_of(p, spots, LEN(spots)));
    }
}

static void put_template(struct sink *s, struct prng *p, const char *template, const struct demo_scene *scene)
{
    bool village = scene->community && scene->community->village;
    for (const char *at = template; *at;) {
        const char *slot = strchr(at, '{');
        if (!slot) {
            put(s, at);
            return;
        }
        put_n(s, at, (size_t)(slot - at));
        switch (slot[1]) {
        case 'p':
            put_spot(s, p, scene);
            break;
        case 'n':
            put_number(s, 2 + prng_below(p, 8));
            break;
        case 'm':
            put_number(s, 10 + prng_below(p, 81));
            break;
        case 'w':
            put(s, village ? one_of(p, who_village, LEN(who_village)) : one_of(p, who, LEN(who)));
            break;
        default:
            put(s, one_of(p, times, LEN(times)));
            break;
        }
        at = slot + 3;
    }
}

void demo_text_incident(struct prng *p, const struct demo_scene *scene, const struct demo_category *cat,
                        char out[DEMO_TEXT_SIZE])
{
    static const char *const openers[] = {"",           "",          "",          "巡查发现：", "入户走访发现：",
                                          "群众反映：", "{w}反映：", "{t}巡查，", "接{w}反映，"};
    static const char *const openers_indoors[] = {"", "", "", "入户走访：", "{w}来访：", "电话了解："};
    static const char *const tails[] = {"",
                                        "。",
                                        "，请尽快处理。",
                                        "，存在{n}天。",
                                        "，{w}希望尽快解决。",
                                        "，已现场拍照。",
                                        "，已设置提醒。",
                                        "，影响{w}出行。",
                                        "，此前反映过{n}次。"};
    static const char *const tails_indoors[] = {"", "", "。", "。", "，已登记。", "，约定{n}日内回复。"};
    struct sink s = {.out = out};
    out[0] = '\0';
    put_template(&s, p, scene->indoors ? one_of(p, openers_indoors, LEN(openers_indoors)) : one_of(p, openers, LEN(openers)),
                 scene);
    put_template(&s, p, cat->texts[prng_below(p, DEMO_TEXTS)], scene);
    put_template(&s, p, scene->indoors ? one_of(p, tails_indoors, LEN(tails_indoors)) : one_of(p, tails, LEN(tails)), scene);
}

/* The name without its last n characters of three bytes each ("庆新社区" -> "庆新"). */
static void put_stem(struct sink *s, const char *name, size_t drop)
{
    size_t len = strlen(name);
    put_n(s, name, len > drop * 3 ? len - drop * 3 : len);
}

void demo_text_address(struct prng *p, const struct demo_scene *scene, char out[DEMO_TEXT_SIZE])
{
    static const char *const kinds[] = {"小区", "一区", "二区", "三区", "花园", "家园"};
    static const char *const roads[] = {"路", "街", "大街", "北路", "南路"};
    const struct demo_community *com = scene->community;
    struct sink s = {.out = out};
    out[0] = '\0';
    if (com->village) {
        put(&s, scene->town->name);
        put(&s, com->name);
        put_number(&s, (uint32_t)scene->building);
        put(&s, "组");
        put_number(&s, 1 + prng_below(p, 120));
        put(&s, "号");
        return;
    }
    if (!scene->indoors && prng_permille(p, 300)) {
        put_stem(&s, scene->town->name, scene->town->kind == DEMO_STREET ? 2 : 1);
        put(&s, one_of(p, roads, LEN(roads)));
        put_number(&s, 1 + prng_below(p, 260));
        put(&s, "号");
        return;
    }
    put_stem(&s, com->name, 2);
    put(&s, one_of(p, kinds, LEN(kinds)));
    put_number(&s, (uint32_t)scene->building);
    put(&s, "号楼");
    if (scene->indoors || prng_permille(p, 400)) {
        put_number(&s, (uint32_t)scene->unit);
        put(&s, "单元");
        put_number(&s, 100 * (1 + prng_below(p, 11)) + 1 + prng_below(p, 3));
    }
}

void demo_text_result(struct prng *p, const struct demo_category *cat, char out[DEMO_TEXT_SIZE])
{
    static const char *const tails[] = {"。", "。", "，已拍照留存。", "，已回访{w}。", "，后续加强巡查。"};
    static const struct demo_scene nowhere; /* results name no spot */
    struct sink s = {.out = out};
    out[0] = '\0';
    put_template(&s, p, demo_group_of(cat->code)->results[prng_below(p, DEMO_RESULTS)], &nowhere);
    put_template(&s, p, one_of(p, tails, LEN(tails)), &nowhere);
}

enum { REMARK_WORDINGS = 3 };

static const char *const remarks[REMARK_COUNT][REMARK_WORDINGS] = {
    [REMARK_ACCEPT] = {"情况属实，予以立案", "受理", "符合受理范围，立案"},
    [REMARK_REFUSE] = {"不属于受理范围，已告知上报人", "重复反映且已办结", "信息不全，无法核实"},
    [REMARK_FACT_CHECK] = {"请到现场核实", "位置不清，请核实", "请核实是否仍存在"},
    [REMARK_FACT_ANSWER] = {"现场核实属实", "情况属实，已补充位置", "核实存在，照片已传"},
    [REMARK_DISPATCH] = {"请按职责处置", "请在时限内办理并反馈", "派遣主办单位处置"},
    [REMARK_RETURN] = {"不属于本单位职责", "管辖范围不符，建议改派", "责任主体为其他单位"},
    [REMARK_SUSPEND] = {"需等待采购配件", "冬季不具备施工条件", "涉及资金审批，申请挂账"},
    [REMARK_ENDORSE] = {"情况属实，同意挂账", "同意申请", "初审同意"},
    [REMARK_GRANT] = {"同意挂账", "批准，请按期恢复", "条件确不具备，同意"},
    [REMARK_RESUME] = {"条件具备，恢复处置", "配件到位，继续办理", "恢复办理"},
    [REMARK_CO_REPLY] = {"已配合完成", "协办事项办结", "已派人到场配合"},
    [REMARK_FIELD_CHECK] = {"请现场核查处置结果", "请核查并反馈", "请复核"},
    [REMARK_CHECK_PASS] = {"现场核查，已处置到位", "核查通过", "问题已解决"},
    [REMARK_CHECK_FAIL] = {"仍有残留，未处置到位", "现场未恢复", "问题仍存在"},
    [REMARK_REWORK] = {"处置不到位，请返工", "核查未通过，请继续处置", "请补充处置"},
    [REMARK_CLOSE] = {"核查通过，予以结案", "结案", "处置完毕，结案归档"},
    [REMARK_FORCE_CLOSE] = {"责任主体灭失，强制结案", "长期无法处置，经研究强制结案", "已转专项工作，强制结案"},
    [REMARK_REVISIT] = {"电话回访", "上门回访", "短信回访"},
    [REMARK_REOPEN] = {"问题反复，重新办理", "回访不满意，重办", "群众再次反映"},
    [REMARK_REQUEST_VOID] = {"误报，申请作废", "测试数据，申请作废", "上报人要求撤销"},
    [REMARK_VOID] = {"同意作废", "情况属实，同意", "核实无误，作废"},
    [REMARK_MERGE] = {"与已立案事项重复，并案", "同一事项，合并办理", "同一地点同一问题"},
    [REMARK_REFER] = {"移送人民调解渠道", "移送信访渠道办理", "移送行政裁决"},
    [REMARK_URGE] = {"请加快办理", "即将超期，请抓紧", "领导关注，请尽快反馈"},
    [REMARK_NOTE] = {"已电话联系上报人", "现场照片见附件", "正在协调相关单位"},
};

void demo_text_remark(struct prng *p, enum demo_remark kind, char out[DEMO_TEXT_SIZE])
{
    struct sink s = {.out = out};
    out[0] = '\0';
    put(&s, remarks[kind][prng_below(p, REMARK_WORDINGS)]);
}
