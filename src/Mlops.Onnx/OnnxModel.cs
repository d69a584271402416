using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>A model in the ONNX format, loaded into one session of ONNX Runtime that all its predictors share, or for the managed evaluator.</summary>
/// <remarks>
/// <para><see cref="OnnxOptions.Evaluator"/> says which of the two; <see cref="EvaluatorChoice"/> which it became.</para>
/// <para>Immutable, safe for concurrent use. The native session lives until the model and all its predictors have been disposed, in any order.
/// A model that nobody disposes is released by the garbage collector, which takes its time.</para>
/// <para>Weights must lie within the model; models with external data files cannot be loaded. Inputs and outputs must be tensors.</para>
/// </remarks>
public sealed class OnnxModel : IModel, ISizedModel, IDisposable
{
    private readonly SharedSession? _session;
    private readonly ManagedEvaluator? _evaluator;
    private readonly byte[]? _file;
    private int _isDisposed;

    private OnnxModel(string name, SharedSession? session, ManagedEvaluator? evaluator, ModelFile file, ModelSignature signature, OnnxMetadata metadata, string runtimeVersion, OnnxEvaluatorChoice choice)
    {
        Name = name;
        _session = session;
        _evaluator = evaluator;
        _file = file.IsKept ? file.Bytes : null;
        SizeBytes = file.Prepared.Bytes.Length + (file.IsKept ? file.Bytes.Length : 0L);
        Signature = signature;
        Metadata = metadata;
        RuntimeVersion = runtimeVersion;
        EvaluatorChoice = choice;
    }

    /// <summary>Gets the path the model was loaded from, or the name it was given; error messages use it.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public ModelSignature Signature { get; }

    /// <summary>Gets what the model says about itself.</summary>
    public OnnxMetadata Metadata { get; }

    /// <summary>Gets the version of ONNX Runtime that runs the model, <c>1.30.0</c>, or that was measured against; empty where it was not loaded.</summary>
    public string RuntimeVersion { get; }

    /// <summary>Gets which evaluator predicts, and why. Predictors of the model give it as a service, too.</summary>
    public OnnxEvaluatorChoice EvaluatorChoice { get; }

    /// <summary>Gets how much memory the model takes, in bytes: what the evaluator keeps of the file, which is about its size, and the file itself where <see cref="OnnxOptions.KeepFile"/> says so. What predictions need is not counted, nor what models share.</summary>
    public long SizeBytes { get; }

    /// <summary>Loads a model from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to run it; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading; the loading that follows it cannot be cancelled.</param>
    /// <returns>The model, which does not need the file any more.</returns>
    /// <exception cref="ModelLoadException">The file is missing or corrupt, has inputs or outputs of a kind that is not supported, holds what the evaluator does not know, or ONNX Runtime is missing, without an execution provider that is asked for, or set up otherwise than <see cref="OnnxOptions.Environment"/> asks.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static async Task<OnnxModel> LoadAsync(string path, OnnxOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            bytes = await ReadFileAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelLoadException(path, $"The model '{path}' cannot be read: {error.Message}", error);
        }

        return Load(bytes, path, options, null, keepsFile: true);
    }

    /// <summary>Loads a model from memory.</summary>
    /// <param name="bytes">The content of an ONNX file; it is copied.</param>
    /// <param name="options">How to run it; the defaults when <see langword="null"/>.</param>
    /// <param name="name">The name that error messages use.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelLoadException">The bytes are corrupt, the model has inputs or outputs of a kind that is not supported, holds what the evaluator does not know, or ONNX Runtime is missing, without an execution provider that is asked for, or set up otherwise than <see cref="OnnxOptions.Environment"/> asks.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static OnnxModel Load(ReadOnlyMemory<byte> bytes, OnnxOptions? options = null, string name = "ONNX model")
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Load(bytes.ToArray(), name, options, null, keepsFile: true);
    }

    /// <summary>Gets the model in the ONNX format, as it was loaded.</summary>
    /// <returns>The content of an ONNX file; not a copy.</returns>
    /// <exception cref="InvalidOperationException">The model does not keep its file (<see cref="OnnxOptions.KeepFile"/>).</exception>
    public ReadOnlyMemory<byte> ToBytes() => _file ?? throw new InvalidOperationException(
        $"The model '{Name}' does not keep its file, because it came from a model directory or its options say so. Copy the directory, or set {nameof(OnnxOptions)}.{nameof(OnnxOptions.KeepFile)} before it is loaded.");

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public IPredictor CreatePredictor()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return _evaluator is null ? new OnnxPredictor(this, _session!) : new ManagedPredictor(this, _evaluator);
    }

    /// <summary>Writes the model as MLflow does: <c>model.onnx</c>, the flavors <c>onnx</c> and <c>python_function</c>, and the Python environment that loads it.</summary>
    /// <param name="target">Where to write.</param>
    /// <param name="cancellationToken">Cancels the saving.</param>
    /// <returns>A task that completes when the model is written.</returns>
    /// <exception cref="InvalidOperationException">The model does not keep its file (<see cref="OnnxOptions.KeepFile"/>).</exception>
    public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        return OnnxModelFiles.WriteAsync(target, ToBytes(), RuntimeVersion, cancellationToken);
    }

    /// <summary>Gives up the model's share of the native session; its predictors stay usable until they are disposed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _session?.Release();
    }

    /// <summary>What predictors of the model give besides themselves.</summary>
    internal object? GetService(Type serviceType)
        => serviceType == typeof(OnnxModel) ? this
            : serviceType == typeof(OnnxMetadata) ? Metadata
            : serviceType == typeof(OnnxEvaluatorChoice) ? EvaluatorChoice
            : null;

    /// <summary>Loads a model, giving its inputs the columns, and its outputs the classes, that a model directory names.</summary>
    /// <param name="bytes">The content of an ONNX file, owned by the model from now on.</param>
    /// <param name="name">The name that error messages use.</param>
    /// <param name="options">How to run it; the defaults when <see langword="null"/>.</param>
    /// <param name="saved">The signature of the model directory.</param>
    /// <param name="keepsFile">Whether the model keeps the bytes where the options do not say.</param>
    internal static OnnxModel Load(byte[] bytes, string name, OnnxOptions? options, ModelSignature? saved, bool keepsFile)
    {
        options ??= new OnnxOptions();
        if (OnnxOptionsValidator.FindMistake(options) is { } mistake) throw new ArgumentException(mistake, nameof(options));
        if (bytes.Length == 0) throw new ModelLoadException(name, $"The model '{name}' is empty. Restore it from its source, or export it again.");
        if (options.ShareWeights) bytes = ModelBytes.Share(bytes);
        var prepared = ModelPreparation.Prepare(bytes, name);
        if (options.ShareWeights && prepared.Bytes != bytes) prepared = prepared with { Bytes = ModelBytes.Share(prepared.Bytes) };
        var file = new ModelFile(bytes, prepared, options.KeepFile ?? keepsFile);
        return options.Evaluator switch
        {
            OnnxEvaluator.Managed => LoadManaged(file, name, saved),
            OnnxEvaluator.Fastest => LoadFastest(file, name, options, saved),
            _ => LoadRuntime(file, name, options, saved),
        };
    }

    private static OnnxModel LoadManaged(ModelFile file, string name, ModelSignature? saved)
    {
        var evaluator = ManagedEvaluator.Compile(file.Prepared.Bytes, name);
        var signature = Describe(name, () => SignatureNames.Apply(evaluator.Signature, file.Prepared, evaluator.Metadata, saved, name));
        return new OnnxModel(name, null, evaluator, file, signature, evaluator.Metadata, "", OnnxEvaluatorChoice.AsAsked(OnnxEvaluator.Managed));
    }

    private static OnnxModel LoadFastest(ModelFile file, string name, OnnxOptions options, ModelSignature? saved)
        => KeepFastest(LoadRuntime(file, name, options, saved), file, static (model, evaluator) => new EvaluatorTrial(model, model.CreatePredictor(), new ManagedPredictor(model, evaluator)).Run());

    /// <summary>Keeps the faster evaluator of a model.</summary>
    /// <param name="runtime">The model with ONNX Runtime, owned from now on.</param>
    /// <param name="file">Its file.</param>
    /// <param name="measure">Tells which one is faster.</param>
    internal static OnnxModel KeepFastest(OnnxModel runtime, ModelFile file, Func<OnnxModel, ManagedEvaluator, OnnxEvaluatorChoice> measure)
    {
        var name = runtime.Name;
        try
        {
            var choice = Try(runtime, file, measure, out var evaluator);
            if (choice.Evaluator == OnnxEvaluator.Runtime) return new OnnxModel(name, runtime._session, null, file, runtime.Signature, runtime.Metadata, runtime.RuntimeVersion, choice);
            var managed = new OnnxModel(name, null, evaluator, file, runtime.Signature, runtime.Metadata, runtime.RuntimeVersion, choice);
            runtime.Dispose();
            return managed;
        }
        catch
        {
            runtime.Dispose();
            throw;
        }
    }

    /// <summary>Finds which evaluator is the faster one, where the managed one has the model at all.</summary>
    private static OnnxEvaluatorChoice Try(OnnxModel runtime, ModelFile file, Func<OnnxModel, ManagedEvaluator, OnnxEvaluatorChoice> measure, out ManagedEvaluator? evaluator)
    {
        evaluator = null;
        try
        {
            evaluator = ManagedEvaluator.Compile(file.Prepared.Bytes, runtime.Name);
        }
        catch (ModelLoadException error)
        {
            return new OnnxEvaluatorChoice(OnnxEvaluator.Runtime, error.Message);
        }

        return runtime.Signature.FindIncompatibility(evaluator.Signature) is { } difference
            ? new OnnxEvaluatorChoice(OnnxEvaluator.Runtime, $"the managed evaluator has another signature: {difference}")
            : measure(runtime, evaluator);
    }

    private static OnnxModel LoadRuntime(ModelFile file, string name, OnnxOptions options, ModelSignature? saved)
    {
        var library = OrtLibrary.Load(options.LibraryPath, options.Environment, name);
        OrtSession? session = null;
        try
        {
            session = OrtSession.Create(library, file.Prepared.Bytes, options, name);
            var opened = session;
            var metadata = OrtModelReader.ReadMetadata(session);
            SessionOutput[] outputs = [];
            var signature = Describe(name, () => SignatureNames.Apply(OrtModelReader.ReadSignature(opened, name, out outputs), file.Prepared, metadata, saved, name));
            session.SetNames([.. signature.Inputs.Select(input => input.Name)], outputs);
            return new OnnxModel(name, new SharedSession(session), null, file, signature, metadata, library.Version, OnnxEvaluatorChoice.AsAsked(OnnxEvaluator.Runtime));
        }
        catch (OrtException error)
        {
            session?.Dispose();
            throw new ModelLoadException(name, $"ONNX Runtime {library.Version} could not load the model '{name}' (code {error.Code}): {error.Message}{(error.Code == OrtException.InvalidProtobuf ? " The file is damaged, or no ONNX model: restore it from its source." : "")}", error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private static ModelSignature Describe(string name, Func<ModelSignature> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException error)
        {
            throw new ModelLoadException(name, $"What the model '{name}' says of its inputs and outputs does not hold together: {error.Message} Export the model again.", error);
        }
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (stream.ConfigureAwait(false))
        {
            if (stream.Length > Array.MaxLength) throw new IOException($"It has {stream.Length} bytes; at most {Array.MaxLength} can be loaded.");
            var bytes = GC.AllocateUninitializedArray<byte>((int)stream.Length);
            await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            return bytes;
        }
    }
}
