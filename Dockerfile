# A static binary in an empty image, run by nobody.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /socketgate .

FROM scratch
COPY --from=build /socketgate /socketgate
# Which pages may use a gateway that listens beyond loopback. Mount a file of your own over it.
COPY docs/policy.example.json /policy.json
USER 65534:65534
EXPOSE 7717
ENTRYPOINT ["/socketgate"]
CMD ["--insecure-bind", "0.0.0.0", "--policy", "/policy.json"]
