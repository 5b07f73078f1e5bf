# frozen_string_literal: true

# Postern's Runtime API client for Ruby: one raw socket, no net/http.
#
# It behaves as the client inside AWS's Ruby images: handlers "file.method" and
# "file.Class.method" that take event: and context:, errors as "Function<RuntimeError>" and
# "Init<LoadError>", the log format of Logger. As there, an error of a name that does not
# exist, and what is no StandardError, end the process.
require 'json'
require 'logger'
require 'socket'
require 'stringio'

# Everything that is ours is in here; a function's own top level stays as it is.
module PosternRuntime
  BASE = '/2018-06-01/runtime'

  class << self
    attr_accessor :request_id # of the invocation under way
  end

  # A carriage return keeps a message of several lines one log event.
  def self.print_event(text)
    $stdout.write(text.chomp.gsub("\n", "\r") + "\n")
    nil
  end

  # Names below localhost are this machine (RFC 6761, 6.3), which not every resolver knows: events
  # tell functions to call back at {api}.execute-api.localhost.
  module LocalNames
    def initialize(host = nil, *rest, **options)
      host = '127.0.0.1' if host.is_a?(String) && host.downcase.end_with?('.localhost')
      super
    end
  end

  # Loggers of standard output name the request.
  module LogFormat
    def initialize(device = nil, *rest, formatter: nil, **options)
      formatter ||= PosternRuntime.method(:format_log) if device.equal?($stdout) || device.equal?($stderr)
      super
    end
  end

  def self.format_log(severity, time, progname, message)
    text = case message
           when String then message
           when Exception then "#{message.message} (#{message.class})\n#{message.backtrace&.join("\n")}"
           else message.inspect
           end
    format("%s, [%s #%d] %5s %s -- %s: %s\n", severity[0], time.strftime('%Y-%m-%dT%H:%M:%S.%6N'), Process.pid, severity, request_id, progname, text.gsub("\n", "\r"))
  end

  class Connection
    def initialize(address)
      @address = address
      host, _, port = address.rpartition(':')
      @socket = TCPSocket.new(host, port.to_i)
      @socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
    end

    # call sends a request and returns the headers and the body of the answer.
    def call(method, target, body = '', headers = {})
      write(request(method, target, body, headers))
      answer
    end

    # ask asks for the next event.
    def ask(before = '')
      write(before + request('GET', '/invocation/next'))
    end

    # respond sends a response and asks for the next event in one write, which spares a round trip.
    def respond(target, body, headers)
      ask(request('POST', target, body, headers))
      answer
    end

    def answer
      exit!(0) unless @socket.gets("\r\n")
      headers = {}
      while (line = @socket.gets("\r\n", chomp: true)) && !line.empty?
        name, value = line.force_encoding(Encoding::UTF_8).split(':', 2)
        headers[name.downcase] = value.strip
      end
      [headers, @socket.read(headers.fetch('content-length', '0').to_i)]
    rescue SystemCallError, IOError
      exit!(0) # the sandbox is being ended
    end

    private

    def request(method, target, body = '', headers = {})
      lines = headers.map { |name, value| "#{name}: #{value}\r\n" }.join
      "#{method} #{BASE}#{target} HTTP/1.1\r\nHost: #{@address}\r\n#{lines}Content-Length: #{body.bytesize}\r\n\r\n".b + body.b
    end

    def write(bytes)
      @socket.write(bytes)
    rescue SystemCallError, IOError
      exit!(0)
    end
  end

  # The second argument of a handler.
  class Context
    attr_reader :aws_request_id, :invoked_function_arn, :log_group_name, :log_stream_name, :function_name,
                :memory_limit_in_mb, :function_version, :identity, :client_context, :deadline_ms

    def initialize(headers)
      @aws_request_id = headers['lambda-runtime-aws-request-id']
      @invoked_function_arn = headers['lambda-runtime-invoked-function-arn']
      @deadline_ms = headers['lambda-runtime-deadline-ms'].to_i
      @identity = parse(headers['lambda-runtime-cognito-identity'])
      @client_context = parse(headers['lambda-runtime-client-context'])
      @log_group_name, @log_stream_name, @function_name, @memory_limit_in_mb, @function_version =
        %w[LOG_GROUP_NAME LOG_STREAM_NAME FUNCTION_NAME FUNCTION_MEMORY_SIZE FUNCTION_VERSION].map { |name| ENV["AWS_LAMBDA_#{name}"] }
    end

    def get_remaining_time_in_millis
      [@deadline_ms - Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond), 0].max
    end

    private

    def parse(text)
      JSON.parse(text) if text
    end
  end

  # A Failure is an exception as the Runtime API takes it.
  class Failure
    def initialize(error, where)
      @error = error
      @type = "#{where}<#{error.class}>"
    end

    def described
      # What called the handler is no part of the function.
      frames = (@error.backtrace || []).take_while { |line| !line.start_with?(__FILE__) }
      { errorMessage: @error.message, errorType: @type, stackTrace: frames.first(100) }
    end

    # Names of the user's own exceptions are not told in the header.
    def header
      known = %w[ArgumentError NoMethodError Exception StandardError NameError LoadError SystemExit SystemStackError]
      known.include?(@error.class.to_s) ? @type : 'Function<UserException>'
    end

    def report(connection, target, message)
      PosternRuntime.print_event("#{message}\n#{JSON.pretty_generate(described)}")
      connection.call('POST', target, JSON.generate(described), 'Content-Type' => 'application/json', 'Lambda-Runtime-Function-Error-Type' => header)
    end
  end

  # load_handler requires the file and returns what calls the handler.
  def self.load_handler(name)
    parts = name.split('.')
    unless [2, 3].include?(parts.size)
      raise ArgumentError, "Invalid handler #{parts}, must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD where FILENAME corresponds with " \
                           'an existing Ruby source file FILENAME.rb, CLASS is an optional module/class namespace and METHOD is a callable method. ' \
                           'If using CLASS, METHOD must be a class-level method.'
    end
    require parts.first
    method = parts.last
    return ->(event, context) { Kernel.const_get(parts[1]).send(method, event: event, context: context) } if parts.size == 3

    main = TOPLEVEL_BINDING.receiver
    ->(event, context) { main.__send__(method, event: event, context: context) }
  end

  # marshal is a response and its content type: a stream is not JSON.
  def self.marshal(result)
    return [result.read, 'application/unknown'] if result.is_a?(StringIO) || result.is_a?(IO)

    [result.to_json, 'application/json']
  end

  def self.serve(connection, handler)
    connection.ask
    loop do
      headers, body = connection.answer
      self.request_id = headers['lambda-runtime-aws-request-id']
      ENV['_X_AMZN_TRACE_ID'] = headers['lambda-runtime-trace-id'] || ''
      invocation = "/invocation/#{request_id}"
      begin
        answer, type = marshal(handler.call(JSON.parse(body.force_encoding(Encoding::UTF_8)), Context.new(headers)))
      rescue Exception => e # rubocop:disable Lint/RescueException
        fatal = e.is_a?(NameError) || !e.is_a?(StandardError)
        Failure.new(e, 'Function').report(connection, "#{invocation}/error", fatal ? 'Critical exception from handler' : 'Error raised from handler method')
        exit(255) if fatal
        connection.ask
        next
      end
      connection.respond("#{invocation}/response", answer, 'Content-Type' => type)
    end
  end

  def self.start
    $stdout.sync = true
    api = ENV.fetch('AWS_LAMBDA_RUNTIME_API')
    TCPSocket.prepend(LocalNames) if api.start_with?('127.') # this is no container
    Logger.prepend(LogFormat)
    # Where a function's gems are says GEM_PATH, which hides those of this machine.
    Gem.use_paths(Gem.dir, Gem.path | Gem.default_path)
    $LOAD_PATH.unshift(ENV['LAMBDA_TASK_ROOT']) unless $LOAD_PATH.include?(ENV['LAMBDA_TASK_ROOT'])
    connection = Connection.new(api)
    begin
      handler = load_handler(ENV.fetch('_HANDLER'))
    rescue Exception => e # rubocop:disable Lint/RescueException
      Failure.new(e, 'Init').report(connection, '/init/error', 'Init error when loading handler')
      exit(252)
    end
    serve(connection, handler)
  end
end

# puts makes one log event of a message, as in AWS's images.
module Kernel
  private def puts(*args)
    PosternRuntime.print_event(args.flatten.map(&:to_s).join("\n"))
  end
end

PosternRuntime.start
