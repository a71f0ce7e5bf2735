"""sensors_python.py URL KEY: every call of SensorsAnalyticsSDK by each of its consumers. Prints one line of JSON: what was sent."""
import contextlib
import json
import sys

from sensorsanalytics import AsyncBatchConsumer, BatchConsumer, DebugConsumer, DefaultConsumer, SensorsAnalytics, SensorsAnalyticsIdentity


PHONES = {"default": "13900000001", "batch": "13900000002", "async": "13900000003", "debug": "13900000004"}


def calls(sa, name):
    user, anonymous, gone = f"user-sa-{name}", f"anon-sa-{name}", f"gone-sa-{name}"
    sa.register_super_properties({"platform_type": "小程序"})
    sa.track(anonymous, "ViewProduct", {"product_id": "A1", "price": 99.75, "tags": ["新品", "促销"]}, is_login_id=False)
    yield "track", "ViewProduct"
    sa.track_signup(user, anonymous, {"channel": "wechat"})
    yield "track_signup", "$SignUp"
    sa.track(user, "Order", {"amount": 199.5}, is_login_id=True)
    yield "track", "Order"
    for call, argument in (
        ("profile_set", {"$name": "李雷", "vip_level": 3}),
        ("profile_set_once", {"first": "now"}),
        ("profile_increment", {"points": 10}),
        ("profile_append", {"interests": ["运动"]}),
        ("profile_unset", ["vip_level"]),
    ):
        getattr(sa, call)(user, argument, is_login_id=True)
        yield call, call
    sa.profile_set(gone, {"$name": "韩梅梅"}, is_login_id=False)
    yield "profile_set", "profile_set"
    sa.profile_delete(gone, is_login_id=False)
    yield "profile_delete", "profile_delete"
    login = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.LOGIN_ID, user)
    mobile = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.MOBILE, PHONES[name])
    sa.bind(login, mobile)
    yield "track_id_bind", "$BindID"
    sa.track_by_id("Refund", {"amount": 9.5}, mobile)
    yield "track", "Refund"
    sa.unbind(SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.EMAIL, f"{name}@example.cn"))
    yield "track_id_unbind", "$UnbindID"
    sa.item_set("product", f"A1-{name}", {"name": "跑鞋", "price": 99.75})
    yield "item_set", "item_set"
    sa.item_delete("product", f"A1-{name}")
    yield "item_delete", "item_delete"


def main(url, key):
    address = f"{url}/sa?project=default&token={key}"
    consumers = {"default": DefaultConsumer, "batch": BatchConsumer, "async": AsyncBatchConsumer, "debug": DebugConsumer}
    sent = []
    # The debug consumer prints what it sends.
    with contextlib.redirect_stdout(sys.stderr):
        for name, consumer in consumers.items():
            sa = SensorsAnalytics(consumer(address))
            sent += [{"way": name, "kind": kind, "event": event, "user": f"user-sa-{name}"} for kind, event in calls(sa, name)]
            sa.flush()
            sa.close()
    print(json.dumps({"client": "SensorsAnalyticsSDK", "sent": sent}, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2])
