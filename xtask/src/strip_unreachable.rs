//! Takes out of the WASM what can never run there but what the compiler has to keep. Tests: here.
//!
//! By walrus, which wasm-bindgen brings. The crate `wasm-snip` would do the same and no more, and
//! says nothing where there is nothing left to take out.

use anyhow::{Result, ensure};
use walrus::{FunctionBuilder, FunctionKind, Module};

/// Leptos keeps in every view a pointer to the way of hydrating it piece by piece (`hydrate_lazy`),
/// which Latchkey does not use: `hydrate_body` calls none of them, and they are a sixth of the
/// code. Whatever has this in its name becomes a trap, and what only they call is then dropped by
/// wasm-opt.
///
/// It is the mangled name of what these functions do once they are polled, and of nothing else:
/// what they consist of otherwise (constructors, drops, closures within) is often the same code as
/// something that is called, and the compiler has then made one function of both.
const NEVER_CALLED: &str = "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h";

/// The module without what is never called.
pub(crate) fn strip_unreachable(compiled: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(compiled)?;
    let never: Vec<_> = module
        .funcs
        .iter()
        .filter(|func| func.name.as_deref().is_some_and(|name| name.contains(NEVER_CALLED)))
        .map(walrus::Function::id)
        .collect();
    // Another version of Leptos, or of the compiler, calls them otherwise.
    ensure!(
        !never.is_empty(),
        "there is nothing to take out of the WASM: no function’s name has “{NEVER_CALLED}” in it \
            (xtask/src/strip_unreachable.rs)"
    );
    for id in never {
        let FunctionKind::Local(local) = &module.funcs.get(id).kind else { continue };
        let (params, results) = module.types.params_results(local.ty());
        let (params, results, args) = (params.to_vec(), results.to_vec(), local.args.clone());
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(args));
    }
    Ok(module.emit_wasm())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one function of this name, which returns.
    fn module(name: &str) -> Vec<u8> {
        let mut module = Module::default();
        let mut function = FunctionBuilder::new(&mut module.types, &[], &[]);
        function.name(name.to_owned());
        function.func_body().i32_const(7).drop();
        let id = function.finish(vec![], &mut module.funcs);
        module.exports.add("called", id);
        module.emit_wasm()
    }

    fn traps(wasm: &[u8]) -> bool {
        let module = Module::from_buffer(wasm).expect("a module");
        let function = module.funcs.iter().next().expect("a function");
        let FunctionKind::Local(local) = &function.kind else { panic!("its own") };
        local
            .block(local.entry_block())
            .instrs
            .iter()
            .any(|(instruction, _)| matches!(instruction, walrus::ir::Instr::Unreachable(_)))
    }

    #[test]
    fn what_is_never_called_traps() {
        let whole = module(&format!("_ZN4view{NEVER_CALLED}0123456789abcdefE"));
        assert!(!traps(&whole) && traps(&strip_unreachable(&whole).expect("snipped")));
    }

    #[test]
    fn where_there_is_nothing_to_take_out_it_fails() {
        let error = strip_unreachable(&module("_ZN4view7hydrate17h0123456789abcdefE"))
            .expect_err("nothing is found");
        assert!(error.to_string().contains("nothing to take out"), "{error}");
    }
}
