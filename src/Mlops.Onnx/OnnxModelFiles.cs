using System.Text;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Writes an ONNX model as MLflow's flavors <c>onnx</c> and <c>python_function</c>.</summary>
internal static class OnnxModelFiles
{
    public const string Model = "model.onnx";

    private const string Conda = "conda.yaml";
    private const string PythonEnvironment = "python_env.yaml";
    private const string Requirements = "requirements.txt";
    private const string PythonVersion = "3.11.9";
    private const string MlflowVersion = "3.8.0";

    /// <summary>The first version of the Python package that knows the operator set of our exports.</summary>
    private const string OnnxVersion = "1.16.0";

    private static readonly string[] s_providers = ["CUDAExecutionProvider", "CPUExecutionProvider"];

    public static async Task WriteAsync(IModelWriter target, ReadOnlyMemory<byte> model, string runtimeVersion, CancellationToken cancellationToken)
    {
        string[] requirements = [$"mlflow=={MlflowVersion}", $"onnx>={OnnxVersion}", runtimeVersion.Length == 0 ? "onnxruntime" : $"onnxruntime=={runtimeVersion}"];
        await target.WriteFileAsync(Model, model, cancellationToken).ConfigureAwait(false);
        await WriteTextAsync(Requirements, string.Join('\n', requirements) + "\n").ConfigureAwait(false);
        await WriteTextAsync(PythonEnvironment, $"python: {PythonVersion}\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r {Requirements}\n").ConfigureAwait(false);
        var pip = string.Concat(requirements.Select(requirement => $"  - {requirement}\n"));
        await WriteTextAsync(Conda, $"channels:\n- conda-forge\ndependencies:\n- python={PythonVersion}\n- pip\n- pip:\n{pip}name: mlflow-env\n").ConfigureAwait(false);
        target.AddFlavor(OnnxFlavor.FlavorName, new Dictionary<string, object?>
        {
            ["code"] = null,
            ["data"] = Model,
            ["onnx_session_options"] = null,
            ["onnx_version"] = OnnxVersion,
            ["providers"] = s_providers,
        });
        target.AddFlavor("python_function", new Dictionary<string, object?>
        {
            ["data"] = Model,
            ["env"] = new Dictionary<string, object?> { ["conda"] = Conda, ["virtualenv"] = PythonEnvironment },
            ["loader_module"] = "mlflow.onnx",
            ["python_version"] = PythonVersion,
        });

        Task WriteTextAsync(string path, string text) => target.WriteFileAsync(path, Encoding.UTF8.GetBytes(text), cancellationToken);
    }
}
