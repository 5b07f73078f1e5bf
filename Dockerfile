# The image is the static binary: no base image, nothing to pull. "make image" builds the
# binary and calls this with bin/linux as the context.
FROM scratch

# For integrations and authorizers that call https:// addresses.
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY postern /postern

# Inside a container only 0.0.0.0 is reachable from outside it; publish the port on
# 127.0.0.1 (docker-compose.yml does).
ENV POSTERN_LISTEN=0.0.0.0:4566 POSTERN_DATA=/var/lib/postern
VOLUME /var/lib/postern
WORKDIR /tmp
EXPOSE 4566

HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["/postern", "health"]
ENTRYPOINT ["/postern"]
CMD ["serve"]
