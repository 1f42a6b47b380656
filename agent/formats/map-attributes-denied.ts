/**
 * What a map must not hold (regulations S-10: not collected, GB 20263-2006 section 5; S-11: not expressed, section 6), as data: per attribute
 * its clause, how sure the clause is, and patterns of names (map-attribute-names.ts) in English, Chinese and pinyin, with the keys of OSM.
 *
 * `feature` marks what is a thing of its own: a feature that says it is one is withheld whole, since its geometry alone would tell. Otherwise the
 * attribute is removed. Patterns are broad on purpose: a name that is taken for another is only lost.
 */
import type { Certainty } from "../../shared/catalogue.ts";

export interface DeniedAttribute {
	readonly id: string;
	readonly list: "never-collect" | "never-express";
	readonly clause: string;
	readonly certainty: Certainty;
	readonly removes: "attribute" | "feature";
	readonly patterns: readonly string[];
}

const entry =
	(list: DeniedAttribute["list"], clause: string) =>
	(removes: DeniedAttribute["removes"], id: string, patterns: string): DeniedAttribute => ({
		...{ id, list, clause, removes },
		certainty: "M",
		patterns: patterns.split(/\s+/).filter((pattern) => pattern !== ""),
	});

const neverCollect = entry("never-collect", "S-10");
const neverExpress = entry("never-express", "S-11");

export const deniedAttributes: readonly DeniedAttribute[] = [
	neverCollect("attribute", "gravity", "gravity gravimetric bouguer 重力 zhongli"),
	neverCollect(
		"feature",
		"control-point",
		"controlpoint surveypoint surveymark survey+point geodeticpoint geodetic triangulation benchmark trigpoint trig+point 控制点 三角点 水准点 测量标志 kongzhidian sanjiaodian shuizhundian",
	),
	neverCollect(
		"attribute",
		"elevation",
		"elevation =ele =elev =alt altitude =z =zcoord =zvalue =zlevel =hgt aboveground abovesea =asl =msl =amsl ellipsoidheight ellipsoidalheight orthometric geoidheight groundheight terrainheight roadheight 高程 海拔 标高 gaocheng haiba biaogao",
	),
	neverCollect("feature", "contour", "contour isohypse isoline 等高线 denggaoxian"),
	neverCollect(
		"attribute",
		"elevation-model",
		"=dem =dtm =dsm terrainmodel elevationmodel surfacemodel heightmap heightfield heightgrid elevationprofile elevationgrid heightprofile 高程模型 地形模型 gaochengmoxing",
	),
	neverCollect(
		"feature",
		"power-line",
		"==power powerline power+line power+pole power+tower power+cable powercable highvoltage hvline transmissionline overheadline overhead+line electricline pylon =voltage voltage 高压线 高压电 输电 电力线 电压 gaoyaxian shudianxian dianyaxian",
	),
	neverCollect(
		"feature",
		"communication-line",
		"communicationline communication+line telecomline telecom telephoneline telephone+line fibreline fiberline fibre+cable fiber+cable opticalcable optical+cable 通信线 通讯线 光缆 电缆 tongxinxian guanglan",
	),
	neverCollect(
		"feature",
		"pipeline",
		"pipeline pipe+line =pipe gasmain watermain gas+main water+main sewer conduit 管线 管道 guanxian guandao",
	),
	neverCollect(
		"feature",
		"vegetation-soil",
		"vegetation landcover landuse groundcover =natural =soil soiltype soilcover tree+cover treecover forest woodland 植被 土质 土壤 zhibei tuzhi turang",
	),
	neverCollect(
		"feature",
		"boundary",
		"==boundary adminlevel administrativeboundary admin+boundary national+boundary state+border countryborder nationalborder borderline border+line =frontier 境界 国界 省界 县界 界线 guojie shengjie jingjie",
	),

	neverExpress(
		"feature",
		"military",
		"military barrack =army =navy airforce missile =radar+site firingrange firing+range munition 军事 军用 军队 部队 营房 靶场 junshi junyong budui",
	),
	neverExpress(
		"feature",
		"prison",
		"prison =jail penitentiary detention labourcamp laborcamp compulsoryrehab 监狱 看守所 拘留所 劳教 戒毒 jianyu kanshousuo",
	),
	neverExpress(
		"feature",
		"strategic-store",
		"strategicstore strategic+store strategicreserve strategic+reserve oildepot oil+depot grainreserve grain+reserve fueldepot fuel+depot explosive ammunition 战略储备 储备库 油库 粮库 弹药 zhanluechubei chubeiku youku",
	),
	neverExpress(
		"feature",
		"large-facility",
		"powerstation power+station powerplant power+plant substation nuclear waterworks water+works waterplant gasstorage gas+storage oilstorage oil+storage refinery petroleumfield oilfield gasfield communicationtower communication+tower broadcasttower telecomtower 发电厂 电站 变电站 核电 水厂 油田 气田 通信塔 fadianchang biandianzhan dianzhan",
	),

	neverExpress(
		"attribute",
		"height-limit",
		"heightlimit height+limit height+restrict maxheight max+height height+allow legalheight height+legal height+permit =height+bridge 限高 高度限制 xiangao =xg",
	),
	neverExpress(
		"attribute",
		"width-limit",
		"widthlimit width+limit width+restrict maxwidth max+width width+allow width+legal width+permit width+clear 限宽 宽度限制 xiankuan",
	),
	neverExpress("attribute", "length-limit", "lengthlimit length+limit maxlength max+length length+restrict 限长 xianchang"),
	neverExpress(
		"attribute",
		"clearance",
		"clearance headroom verticalgap =gauge overheadspace underpassheight minheight min+height 净空 净高 净宽 jingkong jinggao jingkuan",
	),
	neverExpress(
		"attribute",
		"weight-limit",
		"weight tonnage axleload axle+load bogieload =load loadlimit load+limit loadcapacity load+capacity loadbearing loadclass load+class carryingcapacity bearingcapacity bearing+capacity =mlc maxmass max+mass mass+limit payload 载重 限重 轴重 轴载 承重 承载 荷载 xianzhong zaizhong chengzhong chengzai zhouzhong hezai",
	),
	neverExpress(
		"attribute",
		"slope",
		"slope incline inclination gradient =grade =grad roadgrade pitch superelevation crossfall camber =bank banking crossslope lateralprofile 坡度 纵坡 横坡 倾斜 podu zongpo hengpo qingxie",
	),
	neverExpress("attribute", "curvature", "curvature curvatur radius radii bendradius clothoid 曲率 半径 qulv qulu banjing"),
	neverExpress(
		"attribute",
		"tunnel-structure",
		"tunnel+height tunnel+width tunnel+depth tunnel+length tunnel+structure tunnel+section tunnel+lining 隧道高 隧道宽 隧道结构 suidaogao suidaokuan",
	),
	neverExpress(
		"attribute",
		"bridge-structure",
		"bridge+height bridge+width bridge+load bridge+span bridge+structure bridge+material bridge+length 桥高 桥宽 桥梁结构 qiaogao qiaokuan qiaoliang",
	),
	neverExpress("attribute", "height", "=height =hight =hoehe 高度 gaodu"),
	neverExpress(
		"attribute",
		"surface-material",
		"surface pavement paving roadmaterial material smoothness friction roughness tracktype 路面 铺装 材质 材料 摩擦 lumian puzhuang caizhi cailiao",
	),
	neverExpress(
		"attribute",
		"navigability",
		"navigable navigability motorboat =draft draught shiplock locksize lock+size lock+length lock+width maxdraft 通航 航道 船闸 吃水 tonghang hangdao chuanzha",
	),
	neverExpress("attribute", "water-depth", "depth bathymetr sounding =deep underwater 水深 深度 shuishen shendu"),
	neverExpress(
		"attribute",
		"water-flow",
		"flowrate flow+rate flowspeed flow+speed flowvelocity flow+velocity discharge currentspeed streamflow =flow =current 流速 流量 流向 liusu liuliang",
	),
	neverExpress(
		"attribute",
		"river-bed",
		"riverbed river+bed streambed channelbed bedmaterial bed+material bedtype =bed seabed 河床 河底 底质 hechuang dizhi",
	),
	neverExpress("feature", "waterway", "waterway 水道 shuidao"),
	neverExpress(
		"attribute",
		"reservoir-capacity",
		"reservoir storagecapacity storage+capacity waterlevel water+level 水库 库容 水位 shuiku kurong shuiwei",
	),
	neverExpress("attribute", "dam", "=dam damheight dam+height 坝高 大坝 水坝 bagao daba"),
	neverExpress(
		"feature",
		"dedicated-railway",
		"dedicatedrail dedicated+rail privaterail private+rail sidingtrack =siding =spur =yard stationtrack station+track innertrack inner+track 专用铁路 专用线 站线 股道 zhuanyongtielu zhuanyongxian",
	),
	neverExpress(
		"feature",
		"ferry-structure",
		"ferry+structure ferry+inner ferry+interior ferryterminal ferry+terminal wharf+structure 渡口内部 码头内部 dukou",
	),
	neverExpress(
		"feature",
		"airport-structure",
		"aeroway runway taxiway airport+inner airport+interior airport+structure =apron 机场内部 跑道 滑行道 停机坪 paodao huaxingdao tingjiping",
	),
];
