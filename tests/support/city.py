# SPDX-License-Identifier: MIT
"""A small city for tests: one prefecture, two counties, three townships, four communities, eight grids with square borders, a
few categories and organs, and an account for each role. directory() is one ImportDirectory request's content."""

CITY = "2306"
PASSWORD = "Correct-Horse-7"

# code: name; the level follows from the length.
REGIONS = {
    "2306": "大庆市",
    "230602": "萨尔图区",
    "230604": "让胡路区",
    "230602001": "东风街道",
    "230604001": "庆新街道",
    "230604002": "西宾街道",
    "230602001001": "东风社区",
    "230604001001": "庆新社区",
    "230604001002": "阳光社区",
    "230604002001": "西宾社区",
}
LEVELS = {4: 1, 6: 2, 9: 3, 12: 4, 15: 5}
GRIDS_PER_COMMUNITY = 2
GRID_SIDE = 0.01  # degrees

# code, name, settle_allowed, counted, check_waived
CATEGORIES = [
    ("E0102", "暴露垃圾", True, True, False),
    ("E0501", "占道经营", True, True, False),
    ("H0101", "消防通道", False, True, False),
    ("D0102", "邻里纠纷", True, True, True),
    ("Z0101", "巡查走访", True, False, True),
]
# code, name, kind, region
ORGANS = [
    ("RHL-CENTRE", "让胡路区网格中心", 1, "230604"),
    ("RHL-CG", "让胡路区城管局", 2, "230604"),
    ("RHL-XF", "让胡路区消防大队", 2, "230604"),
    ("SRT-CG", "萨尔图区城管局", 2, "230602"),
]
# login: (name, role, region, organ)
ACCOUNTS = {
    "worker": ("王丽", 1, "230604001001", ""),
    "worker2": ("李强", 1, "230604001001", ""),
    "worker.other": ("周敏", 1, "230602001001", ""),
    "community": ("赵社区", 2, "230604001001", ""),
    "acceptor": ("孙受理", 3, "230604", "RHL-CENTRE"),
    "acceptor2": ("吴受理", 3, "230604", "RHL-CENTRE"),
    "dispatcher": ("郑派遣", 4, "230604", "RHL-CENTRE"),
    "handler": ("钱承办", 5, "230604", "RHL-CG"),
    "lead": ("冯主任", 6, "230604", "RHL-CG"),
    "xf.lead": ("沈队长", 6, "230604", "RHL-XF"),
    "duty": ("陈值班", 7, "230604", "RHL-CENTRE"),
    "supervisor": ("褚督办", 8, "2306", ""),
    "supervisor.rhl": ("卫督办", 8, "230604", ""),
    "integration": ("对接账号", 11, "2306", ""),
    "auditor": ("蒋审计", 14, "2306", ""),
}


def grids():
    """Return [(code, name, centre latitude, centre longitude)]."""
    found = []
    communities = [c for c in REGIONS if len(c) == 12]
    for row, community in enumerate(communities):
        for col in range(GRIDS_PER_COMMUNITY):
            found.append((f"{community}{col + 1:03d}", f"第{'一二三四'[col]}网格", 46.60 + row * GRID_SIDE * 2,
                          125.10 + col * GRID_SIDE * 2))
    return found


def directory(directory_pb2):
    """Return the ImportDirectoryRequest that makes the city."""
    from wangge.v1 import types_pb2
    req = directory_pb2.ImportDirectoryRequest()
    for code, name in REGIONS.items():
        req.regions.add(code=code, name=name, level=LEVELS[len(code)], valid_from="2000-01-01")
    half = GRID_SIDE / 2
    for code, name, lat, lon in grids():
        region = req.regions.add(code=code, name=name, level=5, valid_from="2000-01-01")
        for dy, dx in ((-half, -half), (-half, half), (half, half), (half, -half)):
            region.boundary.append(types_pb2.Point(latitude=lat + dy, longitude=lon + dx))
    for code, name, settle, counted, waived in CATEGORIES:
        req.categories.add(code=code, name=name, name_en=code, top_name="市容环境", group_name="市容环境", settle_allowed=settle,
                           counted=counted, check_waived=waived, active=True, handle_limit_minutes=[2400, 960, 240])
    for code, name, kind, region in ORGANS:
        req.organs.add(code=code, name=name, kind=kind, region_code=region, active=True)
    return req
