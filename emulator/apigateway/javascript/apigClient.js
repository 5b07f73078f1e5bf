/* A client of the API {{.Name}}, stage {{.Stage}}. See README.md. */
(function (root) {
  'use strict';

  var encoder = new TextEncoder();
  var webCrypto = root.crypto && root.crypto.subtle ? root.crypto : require('node:crypto').webcrypto;

  function hex(buffer) {
    return Array.from(new Uint8Array(buffer), function (b) { return b.toString(16).padStart(2, '0'); }).join('');
  }

  async function hash(text) {
    return hex(await webCrypto.subtle.digest('SHA-256', encoder.encode(text)));
  }

  async function hmac(key, text) {
    var raw = typeof key === 'string' ? encoder.encode(key) : key;
    var imported = await webCrypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return webCrypto.subtle.sign('HMAC', imported, encoder.encode(text));
  }

  function encode(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, function (c) {
      return '%' + c.charCodeAt(0).toString(16).toUpperCase();
    });
  }

  // A greedy variable may have slashes in it.
  function encodePath(text, greedy) {
    return greedy ? String(text).split('/').map(encode).join('/') : encode(text);
  }

  function query(parameters) {
    var pairs = [];
    Object.keys(parameters).forEach(function (name) {
      [].concat(parameters[name]).forEach(function (value) {
        if (value !== undefined && value !== null) pairs.push([encode(name), encode(value)]);
      });
    });
    pairs.sort(function (a, b) { return a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : (a[0] < b[0] ? -1 : 1); });
    return pairs.map(function (p) { return p.join('='); }).join('&');
  }

  // Signature Version 4, in headers.
  async function sign(config, request, now) {
    var date = now.toISOString().replace(/[:-]|\.\d{3}/g, '');
    var scope = date.slice(0, 8) + '/' + config.region + '/execute-api/aws4_request';
    var url = new URL(request.url);
    var headers = Object.assign({}, request.headers, { 'x-amz-date': date });
    if (config.sessionToken) headers['x-amz-security-token'] = config.sessionToken;
    var signed = { host: url.host };
    Object.keys(headers).forEach(function (name) {
      signed[name.toLowerCase()] = String(headers[name]).trim().replace(/\s+/g, ' ');
    });
    var names = Object.keys(signed).sort();
    var path = url.pathname.split('/').map(encode).join('/');
    var canonical = [request.method, path, url.search.slice(1)]
      .concat(names.map(function (name) { return name + ':' + signed[name]; }))
      .concat(['', names.join(';'), await hash(request.body || '')]).join('\n');
    var toSign = ['AWS4-HMAC-SHA256', date, scope, await hash(canonical)].join('\n');
    var key = 'AWS4' + config.secretKey;
    for (var part of scope.split('/')) key = await hmac(key, part);
    headers.Authorization = 'AWS4-HMAC-SHA256 Credential=' + config.accessKey + '/' + scope +
      ', SignedHeaders=' + names.join(';') + ', Signature=' + hex(await hmac(key, toSign));
    return headers;
  }

  async function send(config, operation, params, body, additional) {
    params = params || {};
    additional = additional || {};
    var headers = { Accept: config.defaultAcceptType }, parameters = {};
    var path = operation.path.replace(/\{([^}+]+)(\+?)\}/g, function (_, name, greedy) {
      if (params[name] === undefined || params[name] === null) throw new Error('parameter ' + name + ' is missing');
      return encodePath(params[name], greedy);
    });
    operation.query.forEach(function (name) { if (name in params) parameters[name] = params[name]; });
    operation.header.forEach(function (name) { if (name in params) headers[name] = params[name]; });
    Object.assign(parameters, additional.queryParams);
    Object.assign(headers, additional.headers);
    if (config.apiKey) headers['x-api-key'] = config.apiKey;
    var request = { method: operation.method, headers: headers };
    if (body !== undefined && body !== null && body !== '' && operation.method !== 'GET' && operation.method !== 'HEAD') {
      request.body = typeof body === 'string' ? body : JSON.stringify(body);
      if (!Object.keys(headers).some(function (h) { return h.toLowerCase() === 'content-type'; })) {
        headers['Content-Type'] = config.defaultContentType;
      }
    }
    var search = query(parameters);
    request.url = config.invokeUrl.replace(/\/+$/, '') + path + (search ? '?' + search : '');
    if (config.accessKey && config.secretKey) request.headers = await sign(config, request, new Date());
    var answer = await fetch(request.url, { method: request.method, headers: request.headers, body: request.body });
    var text = await answer.text(), data = text;
    try { data = JSON.parse(text); } catch (e) { /* it is no JSON */ }
    var result = { status: answer.status, statusText: answer.statusText, headers: Object.fromEntries(answer.headers), data: data, config: request };
    if (answer.ok) return result;
    var error = new Error('Request failed with status code ' + answer.status);
    error.response = result;
    throw error;
  }

  var operations = {{.Operations}};

  var apigClientFactory = {
    newClient: function (config) {
      config = Object.assign({
        accessKey: '', secretKey: '', sessionToken: '', region: '{{.Region}}', apiKey: '',
        invokeUrl: '{{.InvokeURL}}', defaultContentType: 'application/json', defaultAcceptType: 'application/json'
      }, config);
      if (!config.region) config.region = '{{.Region}}';
      var client = {};
      Object.keys(operations).forEach(function (name) {
        client[name] = function (params, body, additionalParams) {
          return send(config, operations[name], params, body, additionalParams);
        };
      });
      return client;
    }
  };

  if (typeof module !== 'undefined' && module.exports) module.exports = apigClientFactory;
  root.apigClientFactory = apigClientFactory;
})(typeof globalThis !== 'undefined' ? globalThis : this);
