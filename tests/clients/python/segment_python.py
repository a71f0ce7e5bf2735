"""segment_python.py URL KEY: the six calls by segment-analytics-python, plain and gzipped. Prints one line of JSON: what was sent."""
import json
import sys

from segment.analytics.client import Client


def calls(client, name):
    user = f"user-{name}"
    yield "identify", client.identify(user, {"email": f"{name}@example.cn", "name": "李雷"}, anonymous_id=f"anon-{name}")
    yield "track", client.track(user, "Order Completed", {"order_id": f"SO-{name}", "revenue": 199.5, "text": "促销 \"今天\""})
    yield "page", client.page(user, "Docs", "Pricing", {"url": "https://shop.example.cn/p"})
    yield "screen", client.screen(user, "App", "首页")
    yield "group", client.group(user, "org-python", {"name": "测试公司"})
    yield "alias", client.alias(f"anon-{name}", user)


def main(url, key):
    faults, sent = [], []
    for name, gzip in (("python", False), ("python-gzip", True)):
        client = Client(key, host=url, gzip=gzip, max_retries=1, on_error=lambda error, items: faults.append(str(error)))
        for kind, (queued, message) in calls(client, name):
            if not queued:
                faults.append(f"{kind} was not queued")
            sent.append({"kind": kind, "event": message.get("event", kind), "id": message["messageId"]})
        client.flush()
        client.join()
    if faults:
        sys.exit("; ".join(faults))
    print(json.dumps({"client": "segment-analytics-python", "sent": sent}, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2])
