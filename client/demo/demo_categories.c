/* SPDX-License-Identifier: MIT */
#include "client/demo/demo_categories.h"

#include <string.h>

/* Handling limits: same day, three days, a week, a month. */
#define DAY                                                                                                                    \
    {                                                                                                                          \
        480, 240, 60                                                                                                           \
    }
#define DAYS3                                                                                                                  \
    {                                                                                                                          \
        1440, 480, 120                                                                                                         \
    }
#define WEEK                                                                                                                   \
    {                                                                                                                          \
        2400, 960, 240                                                                                                         \
    }
#define MONTH                                                                                                                  \
    {                                                                                                                          \
        10080, 4800, 1440                                                                                                      \
    }
#define YES true
#define NO  false

const struct demo_category demo_categories[] = {
    /* clang-format off */
    /* A01 智安告警 */
    {"A0101", "高空抛物", "Falling object", "坠物 扔东西", NO, NO, DAY, OFFICE_GA, 6, SEASON_ALL,
     {"智能摄像头告警：{p}{t}有物品从高层抛下，未伤人", "{p}监测到高空抛物，疑似{n}层以上住户", "高空抛物告警，{p}地面发现碎玻璃"}},
    {"A0102", "翻越围栏", "Fence climbing", "翻墙 周界", NO, NO, DAY, OFFICE_GA, 5, SEASON_ALL,
     {"周界告警：{p}{t}有人翻越围栏", "{p}围栏被翻越，人员去向待查", "电子围栏告警{n}次，位置{p}"}},
    {"A0103", "门禁异常", "Access alarm", "闸机", NO, YES, DAY, OFFICE_ZJ, 5, SEASON_ALL,
     {"{p}门禁长时间未关闭", "{p}门禁连续{n}次验证失败", "单元门禁强行打开告警，位置{p}"}},
    {"A0104", "烟感燃气告警", "Smoke or gas alarm", "烟雾 报警器", NO, NO, {240, 120, 30}, OFFICE_XF, 6, SEASON_WINTER,
     {"烟感告警：{p}{t}烟雾浓度超限", "{p}可燃气体报警器告警", "{p}烟感报警，现场有焦糊味"}},
    {"A0105", "通道占用告警", "Blocked passage alarm", "生命通道", NO, NO, DAY, OFFICE_XF, 5, SEASON_ALL,
     {"{p}消防通道被车辆占用超过{m}分钟", "通道占用告警，{p}停放{n}辆车", "{p}疏散通道摄像头识别到杂物堆放"}},
    {"A0106", "设备离线", "Device offline", "掉线", NO, YES, DAYS3, OFFICE_ZX, 4, SEASON_ALL,
     {"{p}监控设备离线{n}小时", "{p}烟感设备离线，需检修", "{p}门禁主机无心跳"}},
    /* C 部件 */
    {"C0101", "井盖缺损", "Manhole cover", "窨井 下水井", NO, NO, {480, 240, 120}, OFFICE_ZJ, 14, SEASON_RAIN,
     {"{p}井盖破损，存在安全隐患", "{p}井盖丢失，已放置警示物", "{p}井盖松动，车辆经过响声大，{w}睡不好"}},
    {"C0102", "路灯故障", "Street light", "灯不亮", NO, NO, DAYS3, OFFICE_DL, 16, SEASON_WINTER,
     {"{p}有{n}盏路灯不亮", "{p}路灯{t}闪烁，{w}反映看不清路", "{p}路灯杆倾斜"}},
    {"C0103", "供水供热设施", "Water and heating", "停水 漏水 暖气 管道", NO, NO, {960, 480, 120}, OFFICE_SW, 22, SEASON_WINTER,
     {"{p}供水管道漏水，路面结冰", "{p}暖气不热，室温只有{m}度左右", "{p}自来水水压低，{w}反映已{n}天"}},
    {"C0201", "道路破损", "Road damage", "坑洼 路面", NO, NO, WEEK, OFFICE_JT, 18, SEASON_RAIN,
     {"{p}路面有{n}处坑洼", "{p}人行道地砖松动破损约{m}块", "{p}路面塌陷，{w}骑车摔倒"}},
    {"C0202", "交通标志", "Traffic sign", "红绿灯 护栏 标线", NO, NO, DAYS3, OFFICE_JT, 8, SEASON_ALL,
     {"{p}交通标志牌被遮挡", "{p}隔离护栏损坏{n}米", "{p}斑马线磨损不清"}},
    {"C0301", "垃圾箱房", "Waste bin", "垃圾桶", YES, YES, DAY, OFFICE_CG, 26, SEASON_SUMMER,
     {"{p}垃圾桶满溢未清运", "{p}垃圾桶盖破损{n}个", "{p}垃圾箱旁污水外流，有异味"}},
    {"C0401", "绿化设施", "Trees and greenery", "树木 树枝", YES, NO, DAYS3, OFFICE_YL, 16, SEASON_SUMMER,
     {"{p}树枝折断，压在车棚上", "{p}行道树枯死{n}棵", "{p}绿地护栏倒伏"}},
    {"C0501", "健身器材", "Fitness equipment", "广场设施", YES, NO, WEEK, OFFICE_MZ, 10, SEASON_SUMMER,
     {"{p}健身器材螺丝松动", "{p}{n}件健身器材损坏，儿童玩耍有危险", "{p}休闲座椅断裂"}},
    {"C0599", "其他部件", "Other public facility", "", YES, NO, WEEK, OFFICE_CG, 8, SEASON_ALL,
     {"{p}公告栏玻璃破碎", "{p}车棚顶棚破损", "{p}监控立杆晃动"}},
    /* D01 矛盾纠纷 */
    {"D0101", "婚姻家庭纠纷", "Marriage and family", "离婚 赡养 吵架", YES, NO, MONTH, OFFICE_SF, 30, SEASON_ALL,
     {"{p}一户夫妻因琐事争吵，要求调解", "{p}兄弟{n}人因老人赡养问题发生矛盾", "{p}一户因子女抚养产生纠纷"}},
    {"D0102", "邻里纠纷", "Neighbours", "吵架 噪音 漏水", YES, NO, MONTH, OFFICE_SF, 62, SEASON_ALL,
     {"{p}楼上漏水，邻里争吵", "{p}两户因楼道堆物发生口角", "{p}因夜间噪音邻里产生矛盾，{t}再次争吵"}},
    {"D0103", "房屋宅基地纠纷", "House and homestead", "宅基地 房产", NO, NO, MONTH, OFFICE_SF, 14, SEASON_ALL,
     {"{p}两户因宅基地边界发生争议", "{p}房屋继承产生纠纷，涉及{n}人", "{p}因自建房采光产生矛盾"}},
    {"D0104", "合同纠纷", "Contract", "违约 租赁", NO, NO, MONTH, OFFICE_SF, 12, SEASON_ALL,
     {"{p}租户与房东因押金退还发生纠纷", "{p}装修合同纠纷，工期拖延{m}天", "{p}商户因供货合同产生争议"}},
    {"D0105", "生产经营纠纷", "Business", "经营", NO, NO, MONTH, OFFICE_SF, 8, SEASON_ALL,
     {"{p}两家商户因经营位置争吵", "{p}合伙经营分红产生矛盾", "{p}摊位转让产生纠纷，金额约{m}千元"}},
    {"D0106", "损害赔偿纠纷", "Damages", "赔偿", YES, NO, MONTH, OFFICE_SF, 14, SEASON_ALL,
     {"{p}电动车剐蹭后因赔偿争执", "{p}狗咬伤人，双方对医药费有分歧", "{p}高空落物砸车，要求赔偿"}},
    {"D0107", "山林土地纠纷", "Forest and land", "承包地 地界", NO, NO, MONTH, OFFICE_NY, 10, SEASON_HARVEST,
     {"{p}两户因地界发生争议，涉及{n}亩", "{p}承包地流转费未付，产生纠纷", "{p}林地权属争议"}},
    {"D0108", "征地拆迁纠纷", "Land take and demolition", "补偿 动迁", NO, NO, MONTH, OFFICE_ZJ, 6, SEASON_ALL,
     {"{p}{n}户对拆迁补偿面积有异议", "{p}征地补偿款分配产生矛盾", "{p}回迁房交付延期，{w}情绪激动"}},
    {"D0109", "环境污染纠纷", "Pollution", "油烟 臭味", NO, NO, MONTH, OFFICE_HB, 6, SEASON_SUMMER,
     {"{p}饭店油烟扰民，楼上住户与店主争吵", "{p}养殖场异味，{w}要求搬迁", "{p}污水排入邻地，产生纠纷"}},
    {"D0110", "拖欠农民工工资纠纷", "Unpaid migrant wages", "欠薪 讨薪", NO, NO, {4800, 1440, 480}, OFFICE_RS, 10, SEASON_WINTER,
     {"{p}工地{m}名农民工反映工资未发", "{p}装修工人讨要工资，涉及{n}人", "{p}工程款未结导致欠薪"}},
    {"D0111", "其他劳动争议", "Other labour dispute", "社保 辞退", NO, NO, MONTH, OFFICE_RS, 8, SEASON_ALL,
     {"{p}员工被辞退，要求补偿", "{p}加班费争议，涉及{n}人", "{p}单位未缴社保，职工投诉"}},
    {"D0112", "旅游纠纷", "Tourism", "旅行社", NO, NO, MONTH, OFFICE_SC, 2, SEASON_SUMMER,
     {"{p}旅行社变更行程，游客要求退费", "{p}景区退票产生争执", "{p}民宿预订纠纷"}},
    {"D0113", "电子商务纠纷", "E-commerce", "网购 快递", YES, NO, MONTH, OFFICE_SC, 5, SEASON_ALL,
     {"{p}网购商品不符，商家拒退", "{p}快递丢失，驿站与{w}争执", "{p}直播购物退款纠纷，金额{m}0元"}},
    {"D0114", "其他消费纠纷", "Other consumer dispute", "退款 预付卡", YES, NO, MONTH, OFFICE_SC, 12, SEASON_ALL,
     {"{p}理发店预付卡无法退款", "{p}健身房停业，{m}名会员要求退费", "{p}购买家电质量问题，双方争执"}},
    {"D0115", "医疗纠纷", "Medical", "医患", NO, NO, MONTH, OFFICE_WJ, 3, SEASON_ALL,
     {"{p}诊所就诊后患者对治疗效果不满", "{p}医患双方因费用争执", "{p}家属对护理质量有异议"}},
    {"D0116", "道路交通事故纠纷", "Traffic accident", "剐蹭 车祸", YES, NO, MONTH, OFFICE_GA, 10, SEASON_WINTER,
     {"{p}两车剐蹭，双方对责任有争议", "{p}电动车与行人相撞，协商赔偿", "{p}车辆追尾后争吵，{t}占道影响通行"}},
    {"D0117", "物业纠纷", "Property management", "物业费 维修", YES, NO, MONTH, OFFICE_ZJ, 32, SEASON_ALL,
     {"{p}{w}因卫生差拒交物业费", "{p}电梯故障{n}天未修，业主与物业争执", "{p}物业停车收费引发矛盾"}},
    {"D0118", "其他纠纷", "Other dispute", "", YES, NO, MONTH, OFFICE_SF, 14, SEASON_ALL,
     {"{p}{w}因广场舞音量发生争执", "{p}因停车位问题{n}人争吵", "{p}借款{m}00元未还，产生纠纷"}},
    /* E01 市容环境 */
    {"E0101", "违法搭建", "Illegal building", "违建 私搭乱建", NO, NO, WEEK, OFFICE_CG, 22, SEASON_SUMMER,
     {"{p}有人违法搭建彩钢房约{m}平方米", "{p}一楼住户私搭院墙", "{p}楼顶搭建鸽棚，{w}投诉"}},
    {"E0102", "暴露垃圾", "Exposed rubbish", "脏乱 生活垃圾", YES, YES, DAY, OFFICE_CG, 128, SEASON_SUMMER,
     {"{p}有暴露垃圾约{n}平方米", "{p}生活垃圾散落，{w}反映有异味", "{p}垃圾未入桶，{t}巡查发现"}},
    {"E0103", "积存渣土", "Spoil and rubble", "建筑垃圾", YES, NO, DAYS3, OFFICE_CG, 46, SEASON_SUMMER,
     {"{p}堆放装修垃圾{n}袋", "{p}积存渣土约{n}立方米", "{p}建筑垃圾无人清运，占用绿地"}},
    {"E0104", "道路不洁", "Dirty road", "路面脏 积雪", YES, YES, DAY, OFFICE_CG, 74, SEASON_WINTER,
     {"{p}路面有泥土抛洒{m}米", "{p}积雪未清，{w}出行不便", "{p}路面油污，易滑倒"}},
    {"E0105", "水域不洁", "Dirty water body", "河道 泡子", YES, NO, DAYS3, OFFICE_SW, 16, SEASON_SUMMER,
     {"{p}水面有漂浮物", "{p}岸边有垃圾约{n}处", "{p}排水渠淤塞，水体发黑"}},
    {"E0106", "绿地脏乱", "Dirty green space", "草坪", YES, YES, DAY, OFFICE_YL, 48, SEASON_SUMMER,
     {"{p}绿地内有白色垃圾", "{p}绿化带内杂草丛生，藏有垃圾", "{p}草坪被践踏种菜，面积{n}平方米"}},
    {"E0107", "焚烧垃圾", "Burning rubbish", "烧秸秆 烧树叶 冒烟", YES, NO, DAY, OFFICE_HB, 20, SEASON_HARVEST,
     {"{p}有人焚烧树叶，烟雾大", "{p}{t}焚烧秸秆，过火面积约{n}亩", "{p}焚烧垃圾，已劝阻"}},
    {"E0108", "乱堆物料", "Piled-up materials", "杂物 堆放", YES, YES, DAY, OFFICE_CG, 88, SEASON_ALL,
     {"{p}楼道堆放杂物，影响通行", "{p}门前堆放木料{n}堆", "{p}有{w}在公共区域堆放旧家具"}},
    {"E0201", "乱贴小广告", "Illegal posters", "牛皮癣 涂写", YES, YES, DAY, OFFICE_CG, 52, SEASON_ALL,
     {"{p}墙面有小广告{m}余张", "{p}单元门被贴广告", "{p}电线杆上有涂写广告{n}处"}},
    {"E0202", "违规户外广告", "Illegal advertising", "牌匾 条幅", YES, NO, DAYS3, OFFICE_CG, 16, SEASON_ALL,
     {"{p}店外牌匾松动，有坠落危险", "{p}违规悬挂条幅{n}条", "{p}灯箱广告占用人行道"}},
    {"E0301", "施工扰民", "Construction noise", "噪声 装修", YES, NO, DAY, OFFICE_HB, 30, SEASON_SUMMER,
     {"{p}工地{t}施工，噪声扰民", "{p}装修未按规定时间施工，{w}投诉", "{p}夜间浇筑混凝土，影响休息"}},
    {"E0302", "施工占道", "Construction blocks road", "占路", YES, NO, DAY, OFFICE_CG, 14, SEASON_SUMMER,
     {"{p}施工围挡占用人行道{m}米", "{p}施工材料占道，影响通行", "{p}管线施工未设警示标志"}},
    {"E0303", "工地扬尘", "Construction dust", "灰尘 裸土", NO, NO, DAY, OFFICE_HB, 12, SEASON_SUMMER,
     {"{p}裸土未覆盖，扬尘严重", "{p}渣土车未苫盖，沿路遗撒", "{p}拆除作业未洒水"}},
    {"E0304", "施工隐患", "Construction hazard", "脚手架", NO, NO, {480, 240, 60}, OFFICE_ZJ, 8, SEASON_SUMMER,
     {"{p}脚手架搭设不规范", "{p}基坑无防护，深约{n}米", "{p}工人高处作业未系安全带"}},
    {"E0401", "路面塌陷", "Road collapse", "塌方", NO, NO, {480, 120, 30}, OFFICE_JT, 5, SEASON_RAIN,
     {"{p}路面突然塌陷，直径约{n}米", "{p}地面下沉，已设警戒", "{p}管沟回填处塌陷"}},
    {"E0402", "管线破裂", "Burst pipe", "跑水 爆管", NO, NO, {480, 120, 30}, OFFICE_SW, 9, SEASON_WINTER,
     {"{p}供水管线破裂，路面积水", "{p}热力管线泄漏，冒热气", "{p}排水管破裂，污水外溢"}},
    {"E0403", "道路内涝", "Flooded road", "积水", YES, NO, {480, 120, 30}, OFFICE_SW, 12, SEASON_RAIN,
     {"{p}雨后积水深约{m}厘米", "{p}排水不畅，车辆熄火", "{p}地下车库进水"}},
    {"E0501", "占道经营", "Street vending", "摆摊 流动商贩", YES, YES, DAY, OFFICE_CG, 76, SEASON_SUMMER,
     {"{p}流动商贩占道经营{n}处", "{p}烧烤摊占道，油烟大，{w}投诉", "{p}店外经营，占用人行道{n}米"}},
    {"E0502", "车辆乱停放", "Bad parking", "违停 挪车", YES, YES, DAY, OFFICE_GA, 84, SEASON_ALL,
     {"{p}{n}辆车乱停放，影响出行", "{p}车辆堵住单元门，{w}要求挪车", "{p}共享单车乱停{m}辆"}},
    {"E0503", "僵尸车", "Abandoned vehicle", "废弃车", YES, NO, WEEK, OFFICE_GA, 12, SEASON_ALL,
     {"{p}一辆僵尸车停放{n}个月", "{p}废弃三轮车占用车位", "{p}报废面包车漏油"}},
    {"E0699", "其他事件", "Other incident", "", YES, NO, DAYS3, OFFICE_ZX, 18, SEASON_ALL,
     {"{p}{w}反映公共设施需维护", "{p}发现无主物品{n}件", "{p}活动结束后场地未清理"}},
    /* H01 安全隐患 */
    {"H0101", "消防通道占用", "Fire lane blocked", "堵塞 消防车道", YES, NO, DAY, OFFICE_XF, 58, SEASON_ALL,
     {"{p}消防通道被{n}辆车占用", "{p}疏散通道堆放纸壳", "{p}安全出口上锁"}},
    {"H0102", "电动车违规", "E-bike charging", "飞线充电 电瓶", YES, NO, DAY, OFFICE_XF, 54, SEASON_ALL,
     {"{p}楼道内停放电动车{n}辆", "{p}飞线充电，存在火灾隐患", "{p}电瓶进楼充电，{w}举报"}},
    {"H0103", "私拉电线", "Unsafe wiring", "乱接", YES, NO, DAY, OFFICE_DL, 26, SEASON_ALL,
     {"{p}私拉电线{n}处", "{p}电线老化裸露", "{p}出租房违规使用大功率电器"}},
    {"H0104", "燃气隐患", "Gas hazard", "煤气 液化气", NO, NO, {480, 120, 30}, OFFICE_RQ, 16, SEASON_WINTER,
     {"{p}燃气软管老化", "{p}楼道有燃气味，{w}{t}发现", "{p}饭店使用液化气罐{n}个，存放不规范"}},
    {"H0105", "危化品隐患", "Hazardous chemicals", "化学品", NO, NO, {480, 120, 30}, OFFICE_YJ, 4, SEASON_ALL,
     {"{p}仓库存放油漆稀料{m}桶", "{p}闲置厂房发现不明桶装液体", "{p}危化品车辆违规停放"}},
    {"H0106", "特种设备隐患", "Special equipment", "电梯 锅炉", NO, NO, {960, 240, 60}, OFFICE_SC, 12, SEASON_ALL,
     {"{p}电梯超期未检", "{p}电梯{t}运行异响", "{p}锅炉压力表损坏"}},
    {"H0107", "自建房隐患", "Unsafe self-built house", "危房 裂缝", NO, NO, WEEK, OFFICE_ZJ, 8, SEASON_RAIN,
     {"{p}自建房墙体开裂{n}厘米", "{p}老旧平房屋顶漏雨下沉", "{p}自建房擅自加层"}},
    {"H0108", "溺水隐患", "Drowning hazard", "野浴 水坑 冰面", YES, NO, DAY, OFFICE_SW, 14, SEASON_SUMMER,
     {"{p}水坑无警示标志", "{p}{n}名儿童在水边玩耍，已劝离", "{p}有人野浴，已劝阻"}},
    {"H0109", "食药安全隐患", "Food and drug safety", "过期 食品", YES, NO, DAYS3, OFFICE_SC, 18, SEASON_SUMMER,
     {"{p}食杂店销售过期食品{n}种", "{p}小餐桌无健康证", "{p}药店处方药未凭方销售"}},
    /* L01 生态农林水 */
    {"L0101", "噪声污染", "Noise", "扰民", YES, NO, DAY, OFFICE_HB, 28, SEASON_SUMMER,
     {"{p}广场音响声音大，{w}投诉", "{p}商铺喇叭叫卖噪声大", "{p}{t}烧烤店喧哗扰民"}},
    {"L0102", "空气污染", "Air pollution", "油烟 异味", NO, NO, DAYS3, OFFICE_HB, 14, SEASON_WINTER,
     {"{p}小锅炉冒黑烟", "{p}饭店油烟直排", "{p}{t}空气中有刺鼻气味"}},
    {"L0103", "水体污染", "Water pollution", "排污", NO, NO, DAYS3, OFFICE_HB, 6, SEASON_SUMMER,
     {"{p}污水直排入渠", "{p}水面有油花", "{p}养殖粪水流入泡沼"}},
    {"L0104", "固废倾倒", "Waste dumping", "偷倒", NO, NO, DAYS3, OFFICE_HB, 10, SEASON_ALL,
     {"{p}有人夜间倾倒垃圾{n}车", "{p}发现废油泥堆放", "{p}废旧轮胎堆放{m}条"}},
    {"L0105", "农林设施", "Farm and forest facility", "机井 水渠", YES, NO, WEEK, OFFICE_NY, 16, SEASON_HARVEST,
     {"{p}机井电缆损坏", "{p}林带树木被盗伐{n}棵", "{p}灌渠闸门损坏"}},
    {"L0106", "自然灾害", "Natural disaster", "大风 暴雨 雹", NO, NO, {480, 120, 30}, OFFICE_YJ, 5, SEASON_RAIN,
     {"{p}大风刮倒大棚{n}座", "{p}暴雨致农田积水{m}亩", "{p}房屋漏雨，{n}户需转移"}},
    /* M01 民生服务 */
    {"M0101", "政策咨询", "Advice", "问 政策", YES, YES, DAYS3, OFFICE_ZX, 96, SEASON_ALL,
     {"{p}{w}咨询医保缴费", "{p}老人咨询高龄津贴办理", "{p}{w}咨询子女入学政策"}},
    {"M0102", "代办服务", "Errand", "跑腿 代买", YES, YES, DAYS3, OFFICE_ZX, 72, SEASON_ALL,
     {"{p}为行动不便老人代办证件", "{p}帮{w}代缴水电费", "{p}代取药品{n}盒"}},
    {"M0103", "困难救助", "Relief", "低保 困难", YES, NO, WEEK, OFFICE_MZ, 26, SEASON_WINTER,
     {"{p}独居老人生活困难，申请救助", "{p}残疾人家庭申请临时救助", "{p}{w}因病致困，了解低保政策"}},
    {"M0104", "走访慰问", "Home visit", "探望 独居", YES, YES, WEEK, OFFICE_MZ, 88, SEASON_ALL,
     {"{p}走访独居老人，情况正常", "{p}探望{n}户困难家庭", "{p}入户宣传并登记信息，走访{m}户"}},
    {"M0105", "社会保障", "Social security", "养老金 认证", YES, YES, DAYS3, OFFICE_RS, 34, SEASON_ALL,
     {"{p}协助老人完成养老认证", "{p}{w}咨询灵活就业参保", "{p}帮助{n}人登记就业信息"}},
    {"M0106", "法律服务", "Legal help", "律师 公证", YES, NO, WEEK, OFFICE_SF, 14, SEASON_ALL,
     {"{p}{w}咨询遗嘱公证", "{p}申请法律援助", "{p}咨询劳动合同问题"}},
    {"M0107", "意见建议", "Suggestion", "", YES, YES, WEEK, OFFICE_ZX, 24, SEASON_ALL,
     {"{p}{w}建议增设充电桩", "{p}建议延长活动室开放时间", "{p}{n}名居民建议增加公交站点"}},
    /* P01 治安线索 */
    {"P0101", "可疑情况", "Suspicious", "陌生人", NO, NO, DAY, OFFICE_GA, 12, SEASON_ALL,
     {"{p}有陌生人逐户敲门", "{p}车辆长时间停放，情况可疑", "{p}{t}有人拉车门"}},
    {"P0102", "涉诈线索", "Fraud", "诈骗 刷单", NO, NO, DAY, OFFICE_GA, 12, SEASON_ALL,
     {"{p}{w}接到冒充客服电话，险些转账", "{p}发现出租房内有多张电话卡", "{p}老人购买保健品疑似受骗，金额{m}00元"}},
    {"P0103", "出租房管理", "Rented rooms", "群租 流动人口", YES, NO, DAYS3, OFFICE_GA, 30, SEASON_ALL,
     {"{p}出租房更换租户未登记", "{p}群租房住{m}人", "{p}流动人口{n}人信息待更新"}},
    {"P0104", "犬患", "Dogs", "狗 不牵绳", YES, YES, DAY, OFFICE_GA, 36, SEASON_SUMMER,
     {"{p}流浪狗{n}只，{w}害怕", "{p}遛狗不牵绳", "{p}大型犬{t}吠叫扰民"}},
    {"P0105", "家庭暴力", "Domestic violence", "家暴 打人", NO, NO, {240, 120, 30}, OFFICE_GA, 4, SEASON_ALL,
     {"{p}{t}听到打骂声，{w}报告", "{p}妇女反映遭家人殴打", "{p}邻居反映孩子被打"}},
    {"P0106", "无证经营", "Unlicensed trade", "无照", YES, NO, DAYS3, OFFICE_SC, 14, SEASON_ALL,
     {"{p}无照经营小吃", "{p}黑车揽客{n}辆", "{p}无证旅店"}},
    {"P0107", "涉油线索", "Oil theft", "盗油 原油", NO, NO, DAY, OFFICE_GA, 5, SEASON_WINTER,
     {"{p}井场附近发现可疑罐车", "{p}管线旁有新挖痕迹", "{p}有人收购落地原油"}},
    /* V01 信访维稳 */
    {"V0101", "信访事项", "Petition", "上访 诉求", NO, NO, MONTH, OFFICE_XJ, 8, SEASON_ALL,
     {"{p}{w}反映办证历史遗留问题", "{p}{n}人反映供热收费问题", "{p}反映退休待遇问题"}},
    {"V0102", "涉稳苗头", "Unrest signs", "聚集", NO, NO, WEEK, OFFICE_XJ, 4, SEASON_ALL,
     {"{p}业主群内有人组织聚集，约{m}人", "{p}{w}扬言上访", "{p}施工方与村民对峙"}},
    /* Z01 工作记录 */
    {"Z0101", "政策宣传", "Publicity", "", YES, YES, {2400, 960, 240}, OFFICE_ZX, 0, SEASON_ALL,
     {"{p}发放宣传单{m}份", "{p}入户宣传反诈知识{n}户", "{p}张贴防火提示"}},
    {"Z0102", "社区活动", "Activity", "", YES, YES, {2400, 960, 240}, OFFICE_ZX, 0, SEASON_ALL,
     {"{p}组织志愿服务，{m}人参加", "{p}开展健康讲座", "{p}组织邻里活动"}},
    {"Z0103", "日常巡查", "Patrol", "", YES, YES, {2400, 960, 240}, OFFICE_ZX, 0, SEASON_ALL,
     {"{p}巡查无异常", "{p}巡查{n}处重点部位", "{p}夜间巡查"}},
    /* clang-format on */
};
const size_t demo_categories_len = sizeof demo_categories / sizeof demo_categories[0];

static const struct demo_group groups[] = {
    {"A01",
     "智安告警",
     "智安告警",
     {"到场核实并处置完毕，设备恢复正常", "现场查看，已劝导当事人并登记", "核实属实，隐患已消除", "联系物业共同处理完毕"}},
    {"C01",
     "部件",
     "公用设施",
     {"维修人员到场，已修复", "更换损坏部件{n}处，恢复使用", "已抢修完毕，现场清理干净", "维修完成，{w}表示满意"}},
    {"C02", "部件", "道路交通", {"路面已修补", "已更换并重新安装", "施工完毕，恢复通行", "已设警示并完成修复"}},
    {"C03", "部件", "市容环境", {"已清运并冲洗", "已更换新桶{n}个", "联系保洁清理完毕", "现场清理，恢复整洁"}},
    {"C04", "部件", "园林绿化", {"已修剪清运", "枯树已伐除", "护栏已扶正加固", "已清理，恢复原状"}},
    {"C05", "部件", "其他", {"已修复", "更换螺栓并加固", "已拆除破损部分", "维修完毕，可正常使用"}},
    {"D01",
     "矛盾纠纷",
     "矛盾纠纷",
     {"经调解双方达成一致，握手言和", "双方签订调解协议", "经{n}次上门劝解，矛盾化解", "当事人互相谅解，不再追究"}},
    {"E01",
     "事件",
     "市容环境",
     {"现场清理完毕", "联系保洁人员清运{n}车，已恢复整洁", "当事人已自行清理", "已劝导整改，现场恢复"}},
    {"E02", "事件", "宣传广告", {"已清除", "清理小广告{m}张", "已拆除并教育当事人", "加固完毕，消除隐患"}},
    {"E03", "事件", "施工管理", {"已责令整改，现场恢复", "施工方调整作业时间", "已苫盖洒水", "整改完毕，复查合格"}},
    {"E04", "事件", "突发事件", {"抢修完毕，恢复正常", "已抽排积水，道路畅通", "围挡警戒后修复", "应急处置完毕"}},
    {"E05", "事件", "街面秩序", {"已劝离", "车主已挪车，通行恢复", "已教育并规范摆放", "清理完毕，秩序恢复"}},
    {"E06", "事件", "其他", {"已处理", "联系相关单位办理完毕", "现场处置，恢复正常", "已答复{w}"}},
    {"H01",
     "安全隐患",
     "安全隐患",
     {"现场整改完毕，隐患消除", "已清理，并发放安全提示", "责令限期整改，复查合格", "当事人已自行拆除"}},
    {"L01", "生态农林水", "生态农林水", {"现场处理，污染源已消除", "已责令整改", "设施修复，恢复使用", "清理完毕并回访{w}"}},
    {"M01", "民生服务", "民生服务", {"已当场答复，{w}满意", "已代办完成", "已登记并协助提交材料", "走访完毕，情况正常"}},
    {"P01",
     "治安线索",
     "治安线索",
     {"民警到场核实，已处理", "已登记并教育当事人", "核查完毕，未发现违法情况", "线索已移交并反馈"}},
    {"V01",
     "信访维稳",
     "信访维稳",
     {"已面对面解释政策，当事人表示理解", "诉求已解决", "稳控到位，情绪平稳", "召开协调会{n}次，达成一致"}},
    {"Z01", "工作记录", "工作记录", {"完成", "已完成", "正常", "已记录"}},
};

const struct demo_group *demo_group_of(const char *category_code)
{
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (memcmp(groups[i].code, category_code, 3) == 0)
            return &groups[i];
    }
    return NULL;
}

bool demo_category_counted(const struct demo_category *c)
{
    return c->code[0] != 'Z';
}
