"""Uses what openapi-python-client made of openapi.json: lists, writes, a wait, an error, and paging."""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])

from generated.api.containers import (  # noqa: E402
    container_create,
    container_delete,
    container_list,
    container_read,
    container_stop,
    container_update,
)
from generated.api.orgs import org_usage_read  # noqa: E402
from generated.api.volumes import volume_create, volume_delete, volume_list  # noqa: E402
from generated.api.whoami import whoami_read  # noqa: E402
from generated.client import AuthenticatedClient  # noqa: E402
from generated.models import (  # noqa: E402
    Container,
    ContainerCreate,
    ContainerCreateEnv,
    ContainerUpdate,
    Error,
    VolumeCreate,
    VolumeMount,
)

client = AuthenticatedClient(
    base_url=os.environ["DOLLARBOX_URL"] + "/api/v1", token=os.environ["DOLLARBOX_TOKEN"]
)
seen = {}
with client:
    seen["scope"] = whoami_read.sync(client=client).scope.value

    volume = volume_create.sync(client=client, body=VolumeCreate(name="data", size_gb=1))
    body = ContainerCreate(
        name="web",
        image="nginx:1.27",
        env=ContainerCreateEnv.from_dict({"LEVEL": "débug=1 " + os.environ["CANARY"]}),
        ports=[80],
        volumes=[VolumeMount(volume=volume.id, mount_path="/srv")],
    )
    made = container_create.sync_detailed(client=client, body=body, prefer="wait=60")
    assert isinstance(made.parsed, Container), made
    web = made.parsed
    seen["created"] = made.status_code.value
    seen["status"] = container_read.sync(web.id, client=client, prefer="wait=60").status.value
    seen["env"] = web.env.to_dict()

    changed = container_update.sync(web.id, client=client, body=ContainerUpdate(image="nginx:1.28"))
    seen["image"] = changed.image
    seen["stopped"] = container_stop.sync(web.id, client=client, prefer="wait=60").status.value

    twin = container_create.sync(client=client, body=body)
    assert isinstance(twin, Error), twin
    seen["twin"] = twin.error.code
    seen["missing"] = container_read.sync(999_999, client=client).error.code

    seen["names"] = [each.name for each in container_list.sync(client=client, limit="1").results]
    seen["volumes"] = [each.container for each in volume_list.sync(client=client).results] == [web.id]
    seen["usage"] = org_usage_read.sync(web.org, client=client).containers.current
    seen["deleted"] = [
        container_delete.sync_detailed(web.id, client=client).status_code.value,
        volume_delete.sync_detailed(volume.id, client=client).status_code.value,
    ]
print(json.dumps(seen))
