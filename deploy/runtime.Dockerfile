# The runtime, for pods of jobs. From the root of the repository:
#   docker buildx build --platform linux/amd64,linux/arm64 --file deploy/runtime.Dockerfile --tag REGISTRY/uniap-runtime:0.1.0 --push .

FROM --platform=$BUILDPLATFORM python:3.13-slim AS build
WORKDIR /runtime
COPY runtime/pyproject.toml ./
COPY runtime/src src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
# PyTorch with its CUDA libraries is nearly all of the image, and stays in a layer of its own until its version changes.
# On the hosts, NVIDIA's container toolkit brings the driver's part.
RUN --mount=type=bind,source=runtime/requirements.txt,target=/requirements.txt \
  pip install --no-cache-dir --requirement /requirements.txt
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
  pip install --no-cache-dir --no-deps /wheels/*.whl
# With a read-only root file system mount an emptyDir at /tmp: metrics, checkpoints under way and PyTorch's caches go there.
ENV HOME=/tmp PYTHONUNBUFFERED=1 NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /tmp
USER 1000:1000
ENTRYPOINT ["uniap-runtime"]
