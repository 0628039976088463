FROM golang:1.26-bookworm AS build
LABEL onrecord.stage=build

# Where modules come from; unset means Go's own default.
ARG GOPROXY

WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/server ./cmd/server


# Nothing but the program: no shell, no passwd, no package manager. It needs PostgreSQL elsewhere (DATABASE_URL) and
# then writes no file, so the root file system may be mounted read-only.
FROM scratch
LABEL onrecord.stage=server

COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/server /server

ENV LISTEN_ADDR=0.0.0.0:8080

USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["/server", "healthcheck"]
ENTRYPOINT ["/server"]
