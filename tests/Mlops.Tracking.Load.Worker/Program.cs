using System.Globalization;
using Mlops.Tracking.Load;

// Works on a store until it is done, or until it is killed, and tells on its standard output what is durable.
// Arguments: the kind of store, its address, the folder of the spool, the task and what that takes.
await using var store = await LoadStore.OpenAsync(args[0], args[1], args[2]);
switch (args[3])
{
    case "load":
        await LoadWork.RunAsync(store, Number(4), Number(5), Number(6));
        break;
    case "flush":
        await KillWork.FlushAsync(store);
        break;
    case "append":
        await KillWork.AppendAsync(store);
        break;
    default:
        throw new ArgumentException($"'{args[3]}' is not a task.");
}

int Number(int index) => int.Parse(args[index], CultureInfo.InvariantCulture);
