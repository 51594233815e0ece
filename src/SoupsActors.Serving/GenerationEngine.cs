using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Delivery;
using SoupsActors.Serving.Diagnostics;
using SoupsActors.Serving.Scheduling;

namespace SoupsActors.Serving;

/// <summary>
/// Answers many requests at once on one device. One thread of its own drives the model step by step; requests with any
/// mixes share each step, and every row's tokens are those it would have alone (invariant 1).
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed partial class GenerationEngine : IAsyncDisposable
{
    // JSON readers that hold numbers as doubles give these seeds back unchanged.
    private const ulong DrawnSeeds = 1UL << 53;

    private readonly IStepModel model;
    private readonly ITokenText? text;
    private readonly EngineOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly RequestValidator validator;
    private readonly EngineMetrics metrics;
    private readonly Scheduler scheduler;
    private readonly AutoResetEvent wake = new(initialState: false);
    private readonly ITimer slowReaderTimer;
    private readonly TaskCompletionSource<Exception?> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool hasThread;
    private int stopping;

    /// <summary>Starts an engine, which owns the model from now on.</summary>
    /// <param name="model">The model; used and at last disposed on the engine's thread.</param>
    /// <param name="text">Turns tokens into text; without it updates carry token ids alone.</param>
    /// <param name="options">Limits; the defaults where null.</param>
    /// <param name="time">Clock for measurements and the slow reader's limit.</param>
    /// <param name="logger">Never sees prompts or answers.</param>
    /// <param name="meters">Makes the meter "Soups"; a meter of its own where null.</param>
    /// <exception cref="ArgumentException">
    /// An option lies outside its range, or the model's steps are too small for it.
    /// </exception>
    public GenerationEngine(
        IStepModel model,
        ITokenText? text = null,
        EngineOptions? options = null,
        TimeProvider? time = null,
        ILogger<GenerationEngine>? logger = null,
        IMeterFactory? meters = null)
        : this(model, text, options, time, logger, meters, startThread: true)
    {
    }

    private GenerationEngine(
        IStepModel model,
        ITokenText? text,
        EngineOptions? options,
        TimeProvider? time,
        ILogger? logger,
        IMeterFactory? meters,
        bool startThread)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
        this.text = text;
        this.options = options ?? new EngineOptions();
        this.options.Validate();
        this.options.RequireFits(model);
        this.time = time ?? TimeProvider.System;
        this.logger = logger ?? NullLogger.Instance;
        validator = new RequestValidator(model, this.options, hasText: text is not null);
        metrics = new EngineMetrics(meters, this.options.ModelName, () => Statistics);
        scheduler = new Scheduler(model, this.options, this.time, metrics, this.logger);
        slowReaderTimer = this.time.CreateTimer(
            _ => wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        hasThread = startThread;
        if (startThread)
            new Thread(Run) { IsBackground = true, Name = "soups engine" }.Start();
    }

    /// <summary>
    /// Ends when the engine takes no more requests: with null where it was disposed, else with what broke it.
    /// </summary>
    public Task<Exception?> Ended => ended.Task;

    /// <summary>What the engine is doing.</summary>
    public EngineStatistics Statistics => scheduler.Statistics;

    /// <summary>
    /// Answers a request. It is checked at once and enters the queue when the enumeration begins; leaving the
    /// enumeration early, or cancelling it, frees its row at the next step. A reader that falls behind gets several
    /// tokens an update and, past <see cref="EngineOptions.BufferTokens"/>, makes its row wait for it.
    /// </summary>
    /// <exception cref="RequestRefusedException">At once: the engine can never serve this request.</exception>
    /// <exception cref="ExpertMismatchException">
    /// At once: the experts cannot be mixed as asked. From the enumeration: one does not fit the base model.
    /// </exception>
    /// <exception cref="EngineBusyException">From the enumeration: the queue is full.</exception>
    /// <exception cref="EngineStoppedException">
    /// From the enumeration: the engine was disposed, or has broken.
    /// </exception>
    /// <exception cref="GenerationFailedException">From the enumeration: this request failed, alone.</exception>
    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        GenerationRequest request, CancellationToken cancellationToken = default)
    {
        _ = validator.Check(request);
        return ReadAsync(request, cancellationToken);
    }

    /// <summary>Ends all requests with <see cref="EngineStoppedException"/>, then disposes the model.</summary>
    public async ValueTask DisposeAsync()
    {
        if (hasThread)
        {
            Volatile.Write(ref stopping, 1);
            wake.Set();
        }
        else
        {
            StopNow();
        }

        await stopped.Task;
    }

    /// <summary>An engine whose steps the caller makes, for tests and measurements.</summary>
    internal static GenerationEngine WithoutThread(
        IStepModel model, ITokenText? text = null, EngineOptions? options = null, TimeProvider? time = null,
        IMeterFactory? meters = null) =>
        new(model, text, options, time, logger: null, meters, startThread: false);

    /// <summary>Ends an engine without a thread.</summary>
    internal void StopNow()
    {
        if (Interlocked.Exchange(ref stopping, 1) == 0)
            Stop(fault: null);
    }

    /// <summary>One step; false when nothing can be done until something changes.</summary>
    internal bool Step() => scheduler.Step();

    /// <summary>Puts a request in the queue.</summary>
    internal Answer Submit(GenerationRequest request)
    {
        var experts = validator.Check(request);
        var answer = new Answer(options.BufferTokens, request.LogProbabilities is not null, OnReaderChanged);
        var seed = request.Sampling.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) % DrawnSeeds;
        var row = new SequenceState(request, experts, validator.MaxNewTokens(request), seed, answer)
        {
            Text = text?.CreateStream(),
            Submitted = time.GetTimestamp(),
        };
        TokenStage.Replay(row);
        scheduler.Submit(row);
        wake.Set();
        return answer;
    }

    private async IAsyncEnumerable<GenerationUpdate> ReadAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var answer = Submit(request);
        try
        {
            await using var registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((Answer)state!).Cancel(token), answer);
            while (true)
            {
                await answer.WaitAsync();
                if (answer.TryTake() is not { } update)
                    continue;
                yield return update;
                if (update.FinishReason is not null)
                    yield break;
            }
        }
        finally
        {
            answer.Abandon();
        }
    }

    private void OnReaderChanged()
    {
        scheduler.Changed();
        wake.Set();
    }

    private void Run()
    {
        Exception? fault = null;
        try
        {
            while (Volatile.Read(ref stopping) == 0)
            {
                if (scheduler.Step())
                    continue;
                if (scheduler.ParkedRows > 0)
                    slowReaderTimer.Change(options.SlowReaderTimeout, Timeout.InfiniteTimeSpan);
                wake.WaitOne();
            }
        }
        catch (Exception exception)
        {
            // Only a mistake in the engine itself comes here: what a request can cause ends that request alone.
            fault = exception;
            LogLoopFailed(exception);
        }

        Stop(fault);
    }

    private void Stop(Exception? fault)
    {
        // Said first: whoever sees a request refused as stopped sees the end too.
        ended.SetResult(fault);
        var message = fault is null
            ? "The engine was stopped."
            : $"The engine stopped because of an internal error: {fault.Message}";
        try
        {
            try
            {
                scheduler.Close(() => new EngineStoppedException(message, fault));
            }
            finally
            {
                slowReaderTimer.Dispose();
                metrics.Dispose();
                model.Dispose();
            }

            stopped.SetResult();
        }
        catch (Exception) when (fault is not null)
        {
            stopped.SetResult(); // it comes of the fault, which has been told
        }
        catch (Exception exception)
        {
            stopped.SetException(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The engine's loop failed; the engine is stopped")]
    private partial void LogLoopFailed(Exception exception);
}
